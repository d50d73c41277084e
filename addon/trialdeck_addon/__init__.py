"""Trialdeck: decks of clinical trials that stay up to date, and keep what the learner wrote.

Anki imports this module when it starts. What needs no window is in `core/`, which tests use without Anki's program.
"""

import sys

if getattr(sys.modules.get("aqt"), "mw", None) is not None:
    from .gui.start import install

    install()
