"""`python -m trialdeck` runs the command line."""

from trialdeck.cli import main

if __name__ == "__main__":
    main()
