"""What the author writes: records in YAML, trial pages, and the rules they are held to."""
