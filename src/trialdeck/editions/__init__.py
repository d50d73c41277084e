"""Editions: the ledger of what was published, and what the next edition changes for learners."""
