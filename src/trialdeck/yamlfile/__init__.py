"""YAML files with the position of every value: read, write, and edit in place."""
