"""Pictures and sounds of records: which files are allowed, and how they travel."""
