"""What a language model says of trials: facts, and entries of the sections of a record, without ids yet."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from trialdeck.drafts.model_output.values import Findings, Path, place
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render
from trialdeck.records.slugs import name_slug

_LABELS = frozenset({"title", "acronym", "topics", "specialties"})
"""Facts that say which trial it is, and nothing of it."""


class Entry(msgspec.Struct, frozen=True):
    """An entry of a section: where it is in the output, and its properties; `cloze` is a list of statements."""

    path: Path
    values: dict[str, Any]

    @property
    def place(self) -> str:
        """Where it is, as people count."""
        return place(self.path)

    @property
    def words(self) -> tuple[str, ...]:
        """What it asks and answers, or states: the same for two entries that say the same."""
        texts = [self.values.get(name, "") for name in ("question", "response", "text", "name")]
        statements = self.values.get("cloze", ())
        return tuple(readable(render(text)).casefold() for text in texts) + (
            () if texts[0] else tuple(text.casefold() for text in statements)
        )


class ModelTrial(msgspec.Struct):
    """What a model says of one trial: facts and texts by property, `source` apart, and entries by section."""

    path: Path = ()
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    source: dict[str, str] = msgspec.field(default_factory=dict)
    entries: dict[str, list[Entry]] = msgspec.field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        """Whether it says which trial it is about."""
        return bool(self.facts.get("title") or self.facts.get("acronym") or self.source.get("registry")
                    or self.source.get("doi"))  # fmt: skip

    @property
    def identities(self) -> frozenset[str]:
        """The numbers of the trial and its publication, as registry files and citations have them."""
        doi = self.source.get("doi", "")
        pmid = self.source.get("url", "").removeprefix("https://pubmed.ncbi.nlm.nih.gov/").strip("/")
        parts = (f"doi:{doi.casefold()}" if doi else "", self.source.get("registry", ""),
                 f"pmid:{pmid}" if pmid.isdecimal() else "")  # fmt: skip
        return frozenset(filter(None, parts))

    @property
    def names(self) -> frozenset[str]:
        """What the trial is called, as ids."""
        return frozenset(filter(None, (name_slug(self.facts.get(name, "")) for name in ("acronym", "title"))))

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not (self.facts or self.source or any(self.entries.values()))

    @property
    def size(self) -> int:
        """How many texts it holds."""
        values = [*self.facts.values(), *self.source.values()]
        # Of a perspective one does not know whether the model named it.
        values += [
            value for _, entry in self.all_entries() for name, value in entry.values.items() if name != "perspective"
        ]
        return sum(len(value) if isinstance(value, list) else 1 for value in values)

    def add(self, section: str, entry: Entry) -> None:
        """Add an entry behind those of its section."""
        self.entries.setdefault(section, []).append(entry)

    def all_entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield all entries with their sections."""
        for section, entries in self.entries.items():
            for entry in entries:
                yield section, entry


class ModelOutput(msgspec.Struct, frozen=True):
    """A model's output, read: its trials, the `loose` entries that name no trial, and what is said of all."""

    trials: tuple[ModelTrial, ...]
    loose: ModelTrial
    findings: Findings

    @property
    def says_something(self) -> bool:
        """Whether there is an entry, or a fact beside what the trial is called."""
        trials = (*self.trials, self.loose)
        return any(any(trial.entries.values()) or trial.facts.keys() - _LABELS for trial in trials)


def without_repeats(trial: ModelTrial, findings: Findings, known: Iterable[tuple[str, ...]] = ()) -> None:
    """Leave out the entries that say what an earlier one says; `known` are those that a record has."""
    for section, entries in trial.entries.items():
        seen: dict[tuple[str, ...], str] = dict.fromkeys(known, "")
        kept: list[Entry] = []
        for entry in entries:
            words = entry.words
            if words in seen:
                other = seen[words] or "the record"
                said = [entry.values.get(name, "") for name in ("question", "text", "name", "cloze")]
                findings.leave(entry.path, f"the same as {other}", [part for part in said if part])
                findings.placed -= 1
                continue
            seen[words] = entry.place
            kept.append(entry)
        trial.entries[section] = kept


def merged(trials: list[ModelTrial], findings: Findings) -> Iterator[ModelTrial]:
    """Yield trials, of which two that are the same trial are one: by a number, or else by the acronym."""
    known: dict[str, ModelTrial] = {}
    for trial in trials:
        registry = trial.source.get("registry", "")
        keys = trial.identities | ({acronym} if (acronym := name_slug(trial.facts.get("acronym", ""))) else set())
        same = known.get(registry) or next((known[key] for key in sorted(keys) if key in known), None)
        if same is None or (registry and same.source.get("registry", registry) != registry):
            known |= dict.fromkeys(keys, trial)
            yield trial
        else:
            join(trial, same, findings)
            known |= dict.fromkeys(keys, same)


def join(trial: ModelTrial, other: ModelTrial, findings: Findings) -> None:
    """Add what is said of a trial to another part of the output that is about the same one."""
    for name, value in trial.facts.items():
        if other.facts.setdefault(name, value) != value:
            findings.placed -= 1
            findings.leave((*trial.path, name), f"another {name} stands before it", value)
    for name, text in trial.source.items():
        if other.source.setdefault(name, text) != text:
            findings.placed -= 1
            findings.leave((*trial.path, "source", name), f"another {name} stands before it", text)
    for section, entry in trial.all_entries():
        other.add(section, entry)
