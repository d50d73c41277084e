"""What an edition changes, as JSON and as Markdown; the terminal has lines of its own."""
