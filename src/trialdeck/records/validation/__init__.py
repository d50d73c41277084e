"""Validate data against the bundled schemas: fast, and in an author's words where something is wrong."""
