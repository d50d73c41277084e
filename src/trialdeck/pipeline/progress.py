"""How a stage tells how far it is: the plain protocol, and the one that says nothing."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What the pipeline gets as an argument, so that it knows no terminal."""

    def __call__(self, items: Iterable[T], what: str, total: int) -> Iterator[T]:
        """Yield the items; `what` says what is done with them ("reading records"), `total` how many there will be."""


def silent(items: Iterable[T], what: str, total: int) -> Iterator[T]:  # noqa: ARG001 - as the protocol has it
    """Yield the items and tell nobody."""
    return iter(items)
