"""Write what was taken of notes into records: into new ones, or into those that are there."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from trialdeck.anki.importing.entries import cloze_of, new_entries
from trialdeck.anki.importing.known_notes import KnownNote, entry_digest
from trialdeck.anki.importing.media import DeckMedia
from trialdeck.anki.importing.take import NotTaken, Part, TakenNote, label_of
from trialdeck.core.errors import TrialdeckError
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.load import load_record_text
from trialdeck.records.model import STATEMENT_PARTS, Trial
from trialdeck.records.sections import LIST_SECTIONS, QUESTIONS, TEXT_SECTIONS
from trialdeck.records.slugs import name_slug
from trialdeck.yamlfile.document import DataPath, content_of
from trialdeck.yamlfile.edit import Edit, Put, edited
from trialdeck.yamlfile.edit_together import edited_together
from trialdeck.yamlfile.long_record import write_long_record
from trialdeck.yamlfile.writer import Property

HEAD = (
    "Taken over from an Anki deck and not reviewed: check every statement against the publication, and ask its author.",
    "The ids were made from the text. Change them now or never: learners' notes hang on them for ever.",
)
_ENTRY_SECTIONS = (*(section.property for section in LIST_SECTIONS), QUESTIONS.property)
_TEXTS = (*STATEMENT_PARTS, *(section.property for section in TEXT_SECTIONS))
_SOURCE = ("citation", "doi", "registry", "url")


class Existing(msgspec.Struct, frozen=True, dict=True):
    """A record that is there: its bytes, its data, and its trial."""

    content: bytes
    data: dict[str, Any]
    trial: Trial

    @cached_property
    def entries(self) -> dict[str, DataPath]:
        """Where each entry is, by section and id: `questions/why-combine`."""
        return {
            f"{section}/{entry.get('id')}": (section, position)
            for section in _ENTRY_SECTIONS
            for position, entry in enumerate(self.data.get(section) or [])
        }

    def entry(self, path: DataPath) -> dict[str, Any]:
        """Return the entry at a path of its section and position."""
        section, position = path
        entries: Any = self.data[str(section)]
        entry: dict[str, Any] = entries[position]
        return entry

    @cached_property
    def questions(self) -> dict[str, str]:
        """The paths of the questions by section and id, by the words that they ask."""
        paths = [(name, place) for name, place in self.entries.items() if place[0] == QUESTIONS.property]
        return {_words(str(self.entry(place).get("question") or "")): name for name, place in paths}


class Target(msgspec.Struct):
    """A record that gets notes: its id, its name, its file, and what is there. `known` are notes that it has."""

    trial: str
    title: str
    acronym: str
    path: Path
    existing: Existing | None = None
    notes: list[TakenNote] = msgspec.field(default_factory=list)
    known: dict[str, KnownNote] = msgspec.field(default_factory=dict)


class Outcome(msgspec.Struct):
    """What becomes of a record: its content, how many entries are new or were updated, and what was not taken.

    `entries` has the digest of each entry of each note, by guid; `news` are the guids of notes that were not there.
    """

    content: bytes = b""
    added: int = 0
    updated: int = 0
    entries: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    news: set[str] = msgspec.field(default_factory=set)
    not_taken: list[NotTaken] = msgspec.field(default_factory=list)


def read_existing(path: Path, trial: str) -> Existing | None:
    """Return the record of a trial; raises TrialdeckError if it cannot be read, or is that of another trial."""
    if not path.exists():
        return None
    content = content_of(path, str(path))
    record = load_record_text(content, str(path))
    if record.trial is None or record.document is None:
        raise TrialdeckError(f"{path} is there, but cannot be read", f"`trialdeck check {path}` says why")
    if trial not in {record.trial.id, *record.trial.formerly}:
        raise TrialdeckError(
            f"{path} is there, but is the record of '{record.trial.id}'", "nothing was written; rename or remove it"
        )
    return Existing(content, record.document.data, record.trial)


def written(target: Target, media: DeckMedia) -> Outcome:
    """Return the record with the notes that it gets; raises TrialdeckError if it cannot be changed in place."""
    outcome = Outcome()
    _Writer(target, media, outcome).run()
    return outcome


_Placed = tuple[TakenNote, Part]


class _Writer:
    """Writes one record."""

    def __init__(self, target: Target, media: DeckMedia, outcome: Outcome) -> None:
        self.target, self.media, self.outcome = target, media, outcome
        self.existing = target.existing
        self.source = self._own_source()
        self.texts: dict[DataPath, str] = {}

    def run(self) -> None:
        news = list(chain.from_iterable(map(self._new_parts, self.target.notes)))
        entries: dict[str, list[dict[str, Any]]] = {}
        for section in _ENTRY_SECTIONS:
            placed = [(note, part) for note, part in news if part.section == section]
            parts = [(part, self._source_of(note)) for note, part in placed]
            made = new_entries(parts, self._taken_ids(section), self.target.acronym, self.media)
            for (note, _), entry in zip(placed, made, strict=True):
                self._remember(note, f"{section}/{entry['id']}", entry)
            entries[section] = made
        self.outcome.added = len(news)
        self.outcome.content = self._extended(entries) if self.existing else self._new_record(entries)

    def _remember(self, note: TakenNote, path: str, entry: Mapping[str, Any]) -> None:
        self.outcome.entries.setdefault(note.note.guid, {})[path] = entry_digest(entry)

    def _taken_ids(self, section: str) -> list[str]:
        if self.existing is None:
            return []
        entries: Sequence[Any] = getattr(self.existing.trial, section)
        return [name for entry in entries for name in (entry.id, *entry.formerly)]

    def _new_parts(self, note: TakenNote) -> Iterator[_Placed]:
        """Yield the parts of a note that the record lacks; those that it has are updated where the deck has changed."""
        self.outcome.entries.setdefault(note.note.guid, {})
        known = self.target.known.get(note.note.guid)
        if known is None:
            self.outcome.news.add(note.note.guid)
        former = dict(known.entries) if known else {}
        for part in note.parts:
            own = next((path for path in former if path.startswith(f"{part.section}/")), "")
            if own:
                self._update(note, part, own, former.pop(own))
            elif known is None and self.existing and (alike := self._alike(part)):
                self.outcome.news.discard(note.note.guid)
                self._remember(note, alike, self.existing.entry(self.existing.entries[alike]))
            else:
                yield note, part

    def _update(self, note: TakenNote, part: Part, path: str, digest: str) -> None:
        """Update an entry that a note gave before, unless somebody has changed it in the record since."""
        place = self.existing.entries.get(path) if self.existing else None
        # Without its entry, which somebody took out on purpose, the note stays known, so that it does not come again.
        self.outcome.entries[note.note.guid][path] = digest
        if place is None or self.existing is None:
            return
        entry = self.existing.entry(place)
        cloze = dict(zip(entry.get("cloze") or {}, part.cloze, strict=False)) or cloze_of(entry["id"], part)
        wanted = {**part.texts, **({"cloze": cloze} if part.cloze else {})}
        if entry_digest(wanted) == digest:
            return
        if entry_digest(entry) != digest:
            reason = f"changed in the deck and in {self.target.path.name}, which stays as it is"
            self.outcome.not_taken.append(NotTaken(note.number, label_of(note.note), reason, path, is_whole_note=False))
            return
        self.texts |= {(*place, name): text for name, text in part.texts.items() if entry.get(name) != text}
        self.texts |= {(*place, "cloze", name): text for name, text in cloze.items() if part.cloze}
        self.outcome.entries[note.note.guid][path] = entry_digest(wanted)
        self.outcome.updated += 1

    def _alike(self, part: Part) -> str:
        """Return the path of the question of the record that asks the same; empty if there is none."""
        if part.section != QUESTIONS.property or self.existing is None:
            return ""
        return self.existing.questions.get(_words(part.texts["question"]), "")

    def _own_source(self) -> dict[str, str]:
        """Return the source of the record: its own, or that of the first note that has any."""
        stated = self.existing.data.get("source") if self.existing else None
        if isinstance(stated, dict) and any(stated.values()):
            return {name: str(value) for name, value in stated.items() if value}
        return next((source for note in self.target.notes if (source := self._stated(note))), {})

    def _stated(self, note: TakenNote) -> dict[str, str]:
        source = {name: note.facts[name] for name in _SOURCE if name in note.facts}
        if year := note.facts.get("year"):
            citation = source.get("citation", self.target.acronym or self.target.title)
            source["citation"] = citation if year in citation else f"{citation}, {year}"
        return {name: source[name] for name in _SOURCE if name in source}

    def _source_of(self, note: TakenNote) -> dict[str, str]:
        """Return the source of an entry, where it is not that of the record."""
        source = self._stated(note)
        return {} if source.items() <= self.source.items() else source

    def _sections(self) -> dict[str, str]:
        """Return the texts of the record itself that it lacks; others are listed as not taken."""
        found: dict[str, list[str]] = {}
        for note in self.target.notes:
            for name, text in note.sections.items():
                there = self.existing and self.existing.data.get(name)
                if text in found.get(name, []) or there == text:
                    continue
                if there or (name in STATEMENT_PARTS and name in found):
                    reason = f"{self.target.path.name} has another text as its {name}, which stays as it is"
                    entry = NotTaken(note.number, label_of(note.note), reason, is_whole_note=False)
                    self.outcome.not_taken.append(entry)
                else:
                    found.setdefault(name, []).append(text)
        return {name: "\n\n".join(found[name]) for name in _TEXTS if name in found}

    def _topics(self) -> list[str]:
        there = (self.existing.data.get("topics") or []) if self.existing else []
        slugs = (name_slug(topic) for note in self.target.notes for topic in note.topics)
        return [topic for topic in dict.fromkeys(slugs) if topic and topic not in there]

    def _new_record(self, entries: Mapping[str, Sequence[Any]]) -> bytes:
        title = next((note.facts["title"] for note in self.target.notes if "title" in note.facts), self.target.title)
        properties = [Property("format", 1), Property("id", self.target.trial)]
        if self.target.acronym:
            properties.append(Property("acronym", self.target.acronym))
        beside = "" if title != self.target.title else "the title of the publication"
        properties.append(Property("title", title, beside=beside))
        if self.source:
            properties.append(Property("source", self.source))
        if topics := self._topics():
            properties.append(Property("topics", topics))
        properties += [Property(name, text, apart=True) for name, text in self._sections().items()]
        properties += [Property(name, made, apart=True) for name in _ENTRY_SECTIONS if (made := entries[name])]
        properties.append(Property("review", {"status": "unreviewed"}, apart=True))
        return write_long_record(properties, HEAD).encode()

    def _extended(self, entries: Mapping[str, Sequence[Any]]) -> bytes:
        assert self.existing
        shown = str(self.target.path)
        order = ("format", "id", "acronym", "title", "formerly", "source", "topics", *_TEXTS, *_ENTRY_SECTIONS)
        edits: list[Edit] = [Put((name,), text, order) for name, text in self._sections().items()]
        if self.source and not self.existing.data.get("source"):
            edits.append(Put(("source",), self.source, order))
        if topics := self._topics():
            there = self.existing.data.get("topics") or []
            edits.append(Put(("topics",), [*there, *topics], order))
        content = edited(self.existing.content, edits, shown) if edits else self.existing.content
        if self.texts or any(entries.values()):
            content = edited_together(content, self.texts, entries, shown)
        return content


def _words(question: str) -> str:
    return readable(render(question)).casefold()
