"""JSON as the YAML of the same data is: read with positions, written, edited in place."""
