"""What comes in: any file, known by its content, what would be written of it, and where."""
