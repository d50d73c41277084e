"""What the learner sees: Markdown as safe HTML, note types and notes."""
