"""What an update is made of: what the learner has, whose text a note gets, and how it is written."""
