"""The texts of notes beyond those of today: what earlier packages have, and what learners may have of any edition."""
