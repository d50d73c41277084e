"""The terminal: what may be printed there, its tables and progress bars, and how it fails."""
