"""Trial records: the model, the schema, and how files are found and loaded."""
