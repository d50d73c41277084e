"""Rules for cards that stand apart from those in `lint.card`: owners of facts, and how results are reported."""
