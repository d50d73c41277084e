"""Do two equal pieces of arithmetic in one process or in two: what the cores of a machine give at most.

python arithmetic.py 1|2
"""

import sys
from concurrent.futures import ProcessPoolExecutor

STEPS = 30_000_000
"""Some seconds of work."""


def squares(steps: int) -> int:
    """Add up the squares of so many numbers."""
    total = 0
    for number in range(steps):
        total += number * number
    return total


if __name__ == "__main__":
    with ProcessPoolExecutor(int(sys.argv[1])) as pool:
        assert len(set(pool.map(squares, [STEPS, STEPS]))) == 1
