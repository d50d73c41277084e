"""What an author needs while writing: cards as learners will see them, and reviews."""
