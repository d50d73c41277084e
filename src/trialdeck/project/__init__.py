"""A project as a whole: check it, and build and compare its packages."""
