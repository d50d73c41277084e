"""Begin a project: a folder for records, settings, and what shares and checks them."""
