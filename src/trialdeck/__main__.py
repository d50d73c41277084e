"""`python -m trialdeck` runs the command line."""

from trialdeck.entry import run

if __name__ == "__main__":
    run()
