"""What depends on the system that trialdeck runs on, and on how it came there."""
