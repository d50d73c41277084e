"""Notes: note types, and the builder that turns a trial into notes."""
