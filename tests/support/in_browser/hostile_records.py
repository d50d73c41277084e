"""Records with hostile text in every field, and how the real Anki renders their cards.

Each field starts with its own name, so that a test can tell which texts a card shows, and whether they are whole.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from anki_releases import NEWEST, REPORT, run
from builds import build
from chromium_dot import DOT
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.records.schema import load_schema
from trialdeck.records.settings import Split

BUILT_AT = 1_760_000_000

# What the schema holds to a form gets what the form lets through.
_ADDRESS = (
    "/x'onclick='alert(1)'{{c1::x}}[sound:x.mp3][latex]x[/latex]{{Field}}[[type:x]]\\(\\href{javascript:alert(1)}{x}\\)"
)
FORMED = {
    "acronym": "DAWN-1' onload='alert(1)' %3Cscript%3E (x) |-- #1 ~~ ; javascript",
    "doi": f"10.1000{_ADDRESS}",
    "url": f"https://example.org{_ADDRESS}",
    "status": "disputed",
    "file": "x' onerror='alert(1)'[sound:x.mp3]{{c1::x}}\"><script>.png",
}
_SHORT = "x' onload='alert(1)'\"><script>alert(1)</script>{{c1::x}}[sound:x.mp3]"
"""What a field holds that is too short for all texts, and that no card shows."""
_NOT_FILLED = {"retired", "between"}
"""A retired entry has no card that could show anything; a comparison can only repeat the names of arms."""


def folded(text: str) -> str:
    """A text as a page shows it: spaces folded, and replacements for control characters."""
    return " ".join(re.sub("[\x00\x07\x1b]", "\ufffd", text).split())


# --- The records


@dataclass(frozen=True)
class Filling:
    """What every text field of a record holds: texts, each a paragraph. Cloze statements hide and hint at them too."""

    texts: tuple[str, ...]

    def text(self, name: str) -> str:
        return "\n\n".join([f"«{name}»", *self.texts])

    @property
    def hideable(self) -> list[str]:
        """The texts that a deletion can hold; what ends one or starts a hint is a fault there."""
        return [text for text in self.texts if not parse_cloze(f"{{{{c1::{text}::{text}}}}}").faults]

    def statement(self, name: str) -> str:
        answers = [f"{{{{c1::{text}}}}}" for text in self.hideable]
        hints = [f"{{{{c2::hidden::{text}}}}}" for text in self.hideable]
        # What looks like a deletion and is none is an error.
        open_texts = [text for text in self.texts if not parse_cloze(text).faults]
        return "\n\n".join([f"«{name}»", *open_texts, *answers, *hints])

    def shown(self, name: str) -> str:
        """What the back of a card shows of the field with this name."""
        return folded(self.text(name))


def filled(schema: Mapping[str, Any], filling: Filling, *path: str) -> Any:
    """Data of a schema in which every free text is hostile, and asked; everything else is the schema's own example."""
    if "$ref" in schema:
        return filled(load_schema("trial")["$defs"][schema["$ref"].removeprefix("#/$defs/")], filling, *path)
    name = path[-1] if path else ""
    if "properties" in schema:
        shown = {key: part for key, part in schema["properties"].items() if key not in _NOT_FILLED}
        return {key: filled(part, filling, *path, key) for key, part in shown.items()}
    if name == "cloze":
        return {"statement": filling.statement(".".join(path))}
    if "properties" in load_schema("trial")["$defs"].get(str(schema.get("items", {}).get("$ref"))[8:], {}):
        return [filled(schema["items"], filling, *path)]
    if is_free(schema) and name not in FORMED:
        text = filling.text(".".join(path))
        return text if len(text) <= schema.get("maxLength", len(text)) else _SHORT
    example = schema["items"]["enum"] if name == "cards" else schema["examples"][0]
    return FORMED.get(name, example)


def is_free(schema: Mapping[str, Any]) -> bool:
    formed = schema.keys() & {"enum", "format", "const"} or schema.get("pattern", r"\S") != r"\S"
    return "string" in schema["type"] and not formed


def alone(trial: str, texts: Iterable[str]) -> dict[str, Any]:
    """A record with each text in a card of its own, where no other one can hide what it does."""
    questions = [
        {"id": f"text-{number}", "perspective": "reviewer", "question": text, "response": text}
        for number, text in enumerate(texts)
    ]
    return {"format": 1, "id": trial, "title": trial.capitalize(), "questions": questions}


def names_of(record: Any) -> Iterator[str]:
    """The names of all hostile fields of a record."""
    if isinstance(record, str):
        yield from ([record[1:].split("»")[0]] if record.startswith("«") else [])
    elif isinstance(record, (dict, list)):
        for part in record.values() if isinstance(record, dict) else record:
            yield from names_of(part)


def written(folder: Path, *records: dict[str, Any]) -> list[Path]:
    """The records as files."""
    paths = []
    (folder / FORMED["file"]).write_bytes(DOT)
    for record in records:
        path = folder / f"{record['id']}.yaml"
        # Through JSON, because YAML would write an anchor for whatever stands in two places.
        path.write_text(yaml.safe_dump(json.loads(json.dumps(record))), encoding="utf-8")
        paths.append(path)
    return paths


def rendered(records: list[Path]) -> Iterator[tuple[str, int, bool, str]]:
    """Every side of every card of the records as the real Anki renders it: note, ordinal, whether it is the back."""
    packages = build(records, Split.TRIAL, records[0].parent / "out", BUILT_AT)
    *_, report = run(NEWEST, *(package.path for package in packages), REPORT)
    for note, card in report.rendered():
        yield note.key, card.ordinal, False, card.question
        yield note.key, card.ordinal, True, card.answer
