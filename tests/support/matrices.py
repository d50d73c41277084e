"""How much of the large matrices of tests is run: a part that has every kind of fault in it, or all."""

import os

import pytest

IS_FULL = os.environ.get("TRIALDECK_FULL", "") not in {"", "0"}
"""Whether everything was asked for: `TRIALDECK_FULL=1 make test`."""

ONLY_FULL = pytest.mark.skipif(not IS_FULL, reason="only with TRIALDECK_FULL=1")
"""Marks a case that the others of its test cover in a smaller size."""


def examples(count: int) -> int:
    """Return how many examples a property test tries: a sixth of them by default.

    They are the same in every run, so that each of them that passes has passed before; `make fuzz` looks for others.
    """
    return count if IS_FULL else max(5, count // 6)
