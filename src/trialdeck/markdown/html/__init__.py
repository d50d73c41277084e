"""HTML as it is seen, and Markdown that shows the same."""
