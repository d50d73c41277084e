"""Count the notes of records, and those in the packages that would be built of them, without building any."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import msgspec

from trialdeck.cards.tally import Tally, tally_entry, tally_of
from trialdeck.decks.arrange import Shelf, arrange
from trialdeck.pipeline.chapters import Chapters
from trialdeck.pipeline.checking import Call, Checked, check_project, with_store
from trialdeck.pipeline.linking import linked_notes, links_between
from trialdeck.pipeline.means import Means, Shared
from trialdeck.pipeline.readings import Member, Readings
from trialdeck.pipeline.wanted import Wanted


class Counted(msgspec.Struct, frozen=True):
    """The notes of some records without errors, those of them that packages hold, and how many packages do.

    An extract (`Note.is_extract`) is none of a record's notes: its list is counted. In a package it is a note.
    """

    records: int
    of_records: Tally
    of_packages: Tally
    packages: int


def count(paths: Iterable[Path], wanted: Wanted, means: Means | None = None) -> Counted:
    """Count the notes of the records that the paths name, and of the decks that are wanted.

    Raises TrialdeckError where there are no records, or a deck that is wanted is not defined.
    """
    call = Call.of(paths)

    def work(shared: Shared) -> Counted:
        readings = Readings(shared, call.report)
        return _counted(check_project(call, readings), readings, wanted)

    return with_store(means or Means(), call, work)


def _counted(checked: Checked, readings: Readings, wanted: Wanted) -> Counted:
    asked, beside = _sound(checked, checked.asked), _sound(checked, checked.beside)
    links = links_between([*asked, *beside], readings.report)
    chapters = Chapters(readings, links)
    named = chain.from_iterable(links.related(each.outline) for each in asked if each.outline)
    linked_notes(readings, links, sorted({links.makers[name] for name in (*(each.id for each in asked), *named)}))
    shelf = Shelf.of(chapters.chapter(each.id) for each in asked)
    of_records = tally_of(note for each in shelf.chapters for note in each.notes(lambda _: True) if not note.is_extract)
    of_packages, packages = Tally(), 0
    for definition in wanted.among(checked.definitions):
        for package in arrange(definition, checked.settings.root, shelf):
            held = b"".join(tally_entry(each.note) for each in package.entries())
            of_packages.add(held)
            packages += bool(held)
    return Counted(len(asked), of_records, of_packages, packages)


def _sound(checked: Checked, members: Iterable[Member]) -> list[Member]:
    """Return the records that have no error; no build takes another."""
    faulty = {problem.path for problem in checked.errors}
    return [member for member in members if member.outline and member.path not in faulty]
