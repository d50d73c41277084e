"""Produce packages: those of one trial by all workers, larger ones here, each only where it is not up to date."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from trialdeck.decks.arrange import Package
from trialdeck.decks.ledger import Line
from trialdeck.decks.ledger_file import LedgerFile
from trialdeck.pipeline.chapters import Chapters
from trialdeck.pipeline.index import Output
from trialdeck.pipeline.packing import Counts, Packed, PackTask, Stamps, pack, write
from trialdeck.pipeline.recipes import Recipes
from trialdeck.records.project import NO_FILE, Signature, file_signature
from trialdeck.scratch import scratch_folder
from trialdeck.transactions import Transaction


def file_of(package: Package) -> str:
    """Return the name of a package's file."""
    return f"{package.stem}.apkg"


class Producer(msgspec.Struct, frozen=True, dict=True):
    """Writes packages; `known` are those that the last build has written, `there` the files that are in place."""

    chapters: Chapters
    ledger: LedgerFile
    recipes: Recipes
    known: Mapping[str, Output] = msgspec.field(default_factory=dict)
    there: Mapping[str, Signature] = msgspec.field(default_factory=dict)

    def produce(self, packages: Sequence[Package], change: Transaction) -> dict[str, Output]:
        """Write what is not up to date, and return all packages by the names of their files, empty ones too."""
        made: dict[str, Output] = {}
        small: list[tuple[Package, bytes, str]] = []
        large: list[tuple[Package, bytes, str]] = []
        for package in packages:
            recipe, description = self.recipes.of(package)
            former = self.known.get(file_of(package))
            if former and former.recipe == recipe and self._is_in_place(former, file_of(package)):
                made[file_of(package)] = former
            else:
                (small if len(package.chapters) <= 1 else large).append((package, recipe, description))
        for (package, recipe, _), packed in zip(small, self._packed(small), strict=True):
            if packed.content:
                change.put(file_of(package), packed.content)
            made[file_of(package)] = _output(package, recipe, packed.counts)
        self.chapters.readings.shared.workers.shut_down_idle()
        for package, recipe, description in large:
            counts = self._write_here(package, description, change)
            made[file_of(package)] = _output(package, recipe, counts)
        return {file_of(package): made[file_of(package)] for package in packages}

    def _is_in_place(self, output: Output, name: str) -> bool:
        return output.is_empty or self.there.get(name) == output.signature

    def _write_here(self, package: Package, description: str, change: Transaction) -> Counts:
        if package.is_empty:
            return Counts()
        with change.writing(file_of(package)) as target, scratch_folder() as scratch:
            stamps = Stamps(self.ledger.rows)
            return write(package, target, description, self.recipes.looks, stamps, scratch=scratch)

    def _packed(self, small: Sequence[tuple[Package, bytes, str]]) -> Iterator[Packed]:
        if not small:
            return iter(())
        shared = self.chapters.readings.shared
        tasks = (self._task(package, description) for package, _, description in small)
        return shared.progress(shared.workers.map(pack, tasks), "writing packages", len(small))

    def _task(self, package: Package, description: str) -> PackTask:
        links, outline = self.chapters.links, None
        notes, made, related = b"", tuple[bytes, ...](), list[str]()
        for chapter in package.chapters:
            outline = chapter.outline
            notes, made = self.chapters.packed_notes(chapter.id)
            related = [chapter.id, *links.related(outline)]
        needed = dict.fromkeys([*related, *(stone.trial for stone in package.tombstones)])
        named = list(outline.related) if outline else []
        return PackTask(
            title=package.title,
            description=description,
            definition=package.definition,
            perspective=package.perspective,
            looks=self.recipes.looks,
            outline=outline,
            notes=notes,
            linked=made,
            current={name: links.current[name] for name in named if name in links.current},
            rows={trial: self.ledger.rows(trial) for trial in needed},
            stones=self.recipes.rows_of(package),
            media=tuple(media for chapter in package.chapters for media in chapter.media.values()),
            warned=package.warned,
        )


def _output(package: Package, recipe: bytes, counts: Counts) -> Output:
    """Return what was made; the signature follows once the file is in place."""
    held = bytes(counts.held)
    return Output(recipe, package.title, counts.notes, counts.cards, counts.retired, counts.disputed, NO_FILE, held)


def in_place(outputs: Mapping[str, Output], folder: Path) -> dict[str, Output]:
    """Return outputs with the signatures of their files; those that were up to date have them already."""
    return {
        name: output
        if output.is_empty or output.signature != NO_FILE
        else replace(output, signature=file_signature(folder / name))
        for name, output in outputs.items()
    }


def retired_lines(ledger: LedgerFile, trials: Sequence[str]) -> list[Line]:
    """Return the lines of retired notes of some trials."""
    return [line for trial in trials for line in ledger.lines(trial) if line.retired]
