"""Notes of educators: Markdown, HTML and Word files become the parts of a trial page."""
