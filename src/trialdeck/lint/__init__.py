"""Rules that records, cards, settings and reviews are checked against; each fault is a `Problem`."""
