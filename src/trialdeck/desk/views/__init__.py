"""The views of the desk, one a module; each has its `ROUTES`."""
