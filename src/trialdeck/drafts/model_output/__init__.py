"""What language models write about trials: the schema that they are given, and records of what they return."""
