"""What a package depends on, trial by trial: digests that tell which packages are still as they should be."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from trialdeck.cards.note import Note, is_key_of_trial
from trialdeck.cards.tags import values_of
from trialdeck.decks.ledger import Line, encoded
from trialdeck.pipeline.codec import digest
from trialdeck.records.model import Perspective


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Some lines of a trial: their digest, when one of them last changed, and the edition of that."""

    digest: bytes = b""
    changed: int = 0
    edition: str = ""


class View(msgspec.Struct, frozen=True, array_like=True):
    """What packages need to know of the lines of a trial.

    `inputs` is the digest of all that its notes come from; `start` and `length` say where its lines are in the ledger.
    `parts` has those of each perspective, `trial` the line of the note of the trial itself, which other trials show;
    `retired` counts the notes without cards, `editions` the lines that last changed in each edition, and those of them
    that came with it.
    """

    inputs: bytes
    start: int
    length: int
    retired: int
    parts: dict[str, Part]
    trial: Part
    editions: dict[str, tuple[int, int]]


def view_of(inputs: bytes, start: int, rows: bytes, lines: Sequence[Line], notes: Iterable[Note]) -> View:
    """Return the view of a trial's lines, given also as they stand in the file; `notes` tell their order."""
    order = {note.guid: place for place, note in enumerate(notes)}
    by_perspective: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: order.get(line.guid, len(order))):
        by_perspective.setdefault(_perspective(line), []).append(line)
    return View(
        inputs=inputs,
        start=start,
        length=len(rows),
        retired=sum(bool(line.retired) for line in lines),
        parts={name: part_of(each) for name, each in by_perspective.items()},
        trial=part_of([line for line in lines if is_key_of_trial(line.key)]),
        editions=_editions(lines),
    )


def _editions(lines: Iterable[Line]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for line in lines:
        touched, new = found.get(line.edition, (0, 0))
        found[line.edition] = touched + 1, new + (line.since == line.edition)
    return found


def part_of(lines: Sequence[Line]) -> Part:
    """Return the part that some lines make."""
    newest = max(((line.changed, line.edition) for line in lines), default=(0, ""))
    return Part(digest(encoded(lines)) if lines else b"", *newest)


def _perspective(line: Line) -> str:
    return next(iter(values_of(line.tags, "perspective")), Perspective.CLINICAL)


def parts_seen(views: Mapping[str, View], trial: str, perspective: str | None) -> Iterable[Part]:
    """Return the parts of a trial's lines that notes of one perspective, or of all, come from."""
    view = views.get(trial)
    if view is None:
        return ()
    return (
        view.parts.values() if perspective is None else [view.parts[perspective]] if perspective in view.parts else []
    )
