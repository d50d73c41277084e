"""Where things are: the project, and what the tests bring along."""

from pathlib import Path

SUPPORT = Path(__file__).parent
ROOT = SUPPORT.parents[1]
"""The project's folder."""
ENVIRONMENTS = ROOT / ".venvs"
"""Environments of Anki releases and of other programs, which tests make if need be."""
ANKI_PROGRAMS = SUPPORT / "anki_programs"
"""What runs inside such an environment."""
