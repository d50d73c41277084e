"""The add-on without windows: the feed, the packages, and what an update does to a collection."""

VERSION = "1.0"
"""The version of the add-on, compared part by part as numbers with the one that a feed asks for."""


class TrialdeckError(Exception):
    """What went wrong, as one line for the learner: the thing, the fault, and what to do."""
