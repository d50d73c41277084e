"""What goes from Anki into records, one by one: edits, the author's decisions, suggestions of learners."""
