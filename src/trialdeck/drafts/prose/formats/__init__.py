"""What notes are written in: Markdown, HTML and Word files, each taken apart into pieces."""
