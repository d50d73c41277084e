"""What a target of the fuzzer is: a function of bytes, and how much time it may take."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import process_time

SHORTEST = 0.05
"""Below so many seconds nothing counts as slow."""


@dataclass(frozen=True, slots=True)
class Target:
    """A function that takes any bytes and raises where something is wrong, and the bytes to begin with.

    `pace` is how many seconds a megabyte may take; `longest` is in bytes.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 20_000
    pace: float = 1.0
    words: tuple[str, ...] = ()


class SlowError(Exception):
    """An input takes longer than its size allows."""


def timed(target: Target, content: bytes, *, patience: float = 1.0) -> float:
    """Run a target and return how many seconds of the processor it took; raise SlowError if that is too long.

    Whatever is slow is tried again: the first time may have loaded a module. `patience` multiplies what is allowed,
    for code that is traced.
    """
    allowed = patience * max(SHORTEST, target.pace * len(content) / 1_000_000)
    took = _seconds(target, content)
    for _ in range(3):
        if took <= allowed:
            return took
        took = min(took, _seconds(target, content))
    raise SlowError(f"{len(content)} bytes took {took:.3f} s; {allowed:.3f} s are allowed")


def _seconds(target: Target, content: bytes) -> float:
    begun = process_time()
    target.run(content)
    return process_time() - begun
