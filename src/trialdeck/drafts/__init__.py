"""Drafts of records from source material: saved trial pages, and the form of a new record."""
