"""The form of a record: made from the schema, in plain words."""
