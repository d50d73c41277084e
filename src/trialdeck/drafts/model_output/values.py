"""Fit the values of a model's JSON to the parts of a record, and list what was repaired, inferred and not taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trialdeck.core.text import is_blank
from trialdeck.drafts.lines import Notice
from trialdeck.drafts.model_output.names import choice_of, key_of
from trialdeck.drafts.model_output.texts import markdown_of
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.records.model import STATEMENT_PARTS
from trialdeck.records.schema import python_pattern
from trialdeck.records.slugs import name_slug

Path = tuple[str | int, ...]
"""Where a value is: names, and indexes of lists from 0."""
_LONGEST_SHOWN = 200
_INLINE = frozenset({*STATEMENT_PARTS, "title", "acronym", "citation", "name", "doi", "registry", "url"})
_NOTHING = frozenset({"n/a", "na", "null", "none", "nan", "undefined", "unknown", "not reported", "not applicable",
                      "not available", "tbd", "-", "–", "—", "?", "..."})  # fmt: skip
"""What models write where they know nothing."""
_INNER = ("text", "value", "content", "markdown", "html", "en")
_BULLET = re.compile(r"\s*(?:[-*•‣]|[0-9]{1,3}[.)])\s+")
_BETWEEN = re.compile(r"[,;/|\n]|\band\b")


STATED = "stated by a model"
"""What is said of a fact of a trial that a model wrote."""


class Findings(msgspec.Struct):
    """What is said of a model's output: repairs, inferences, what is not taken, and how many texts are."""

    repaired: list[Notice] = msgspec.field(default_factory=list)
    inferred: list[Notice] = msgspec.field(default_factory=list)
    not_taken: list[Notice] = msgspec.field(default_factory=list)
    placed: int = 0

    def repair(self, path: Path, message: str, text: str = "") -> None:
        """List a repair."""
        self.repaired.append(Notice(0, message, text[:_LONGEST_SHOWN], place(path)))

    def leave(self, path: Path, message: str, value: object = "", *, group: str = "") -> None:
        """List what is not taken; parts of one `group` share a line."""
        self.not_taken.append(Notice(0, message, brief(value), place(path), group))

    def infer(self, path: Path, message: str, text: str = "", *, group: str = "") -> None:
        """List what was concluded, or rests on the word of the model."""
        self.inferred.append(Notice(0, message, text[:_LONGEST_SHOWN], place(path), group))


def why(findings: Findings) -> str:
    """Return why nothing was taken, as a hint."""
    reasons = dict.fromkeys(
        f"{notice.place or f'line {notice.line}'}: {notice.message}" for notice in findings.not_taken
    )
    return "; ".join([*list(reasons)[:5], "`trialdeck schema trial --for` prints what a model may write"])


def place(path: Path) -> str:
    """Return a path as people count: `cards 3, front`."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, str):
            parts.append(part)
        elif parts and not parts[-1][-1:].isdigit():
            parts[-1] += f" {part + 1}"
        else:
            parts.append(f"entry {part + 1}")
    return ", ".join(parts) or "the whole output"


def brief(value: object) -> str:
    """Return a value in a line."""
    text = " ".join(" ".join(leaves(value)).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"


def leaves(value: object) -> Iterator[str]:
    """Yield the texts of a value; names inside it come with a colon."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield f"{name}:"
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None:
        yield str(value)


def is_nothing(value: object) -> bool:
    """Tell whether a value says nothing, and needs no mention."""
    return value is None or value in ([], {}) or (isinstance(value, str) and is_blank(value))


def fits(text: str, rule: Mapping[str, Any]) -> bool:
    """Tell whether a text has the form that the schema of records gives to a property."""
    pattern = rule.get("pattern")
    return len(text) <= rule.get("maxLength", len(text)) and (
        not pattern or re.search(python_pattern(pattern), text) is not None
    )


class Fitter:
    """Fits values, and lists in its `findings` what it does."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def part(self, value: Any, path: Path, schema: Mapping[str, Any], own: str) -> Any:
        """Return a value as a property of the content schema, `own`; empty, and listed, if it does not fit."""
        kind = schema["type"]
        if kind == "boolean":
            return self.truth(value, path)
        if kind == "array":
            items = schema["items"]
            if "enum" in items:
                return self.choices(value, path, items["enum"])
            return self.statements(value, path) if own == "cloze" else self.slugs(value, path)
        if "enum" in schema:
            return next(iter(self.choices(value, path, schema["enum"])), "")
        return self.text(value, path, inline=own in _INLINE)

    def text(self, value: Any, path: Path, *, inline: bool = False, cloze: bool = False) -> str:
        """Return a value as Markdown; empty, and listed, if it is no text."""
        plain = self.plain(value, path)
        if not plain:
            return ""
        made = markdown_of(plain, inline=inline, cloze=cloze)
        for message in made.repaired:
            self.findings.repair(path, message, made.text)
        for loss in made.losses:
            self.findings.leave(path, loss, plain)
        if is_blank(made.text):
            self.findings.leave(path, "nothing of it can be seen", plain)
            return ""
        self.findings.placed += 1
        return made.text

    def plain(self, value: Any, path: Path) -> str:
        """Return a value as one text, as the model wrote it."""
        if is_nothing(value):
            return ""
        if isinstance(value, bool):
            self.findings.repair(path, "a truth value became a text", str(value))
            return str(value)
        if isinstance(value, list):
            return self._joined(value, path)
        if isinstance(value, Mapping):
            return self._inner(value, path)
        if str(value).strip().casefold() in _NOTHING:
            self.findings.leave(path, "it says nothing", value)
            return ""
        return str(value)

    def _joined(self, values: Sequence[Any], path: Path) -> str:
        texts = [text for index, each in enumerate(values) if (text := self.plain(each, (*path, index)))]
        if len(texts) == 1:
            self.findings.repair(path, "a list of one text became that text", texts[0])
            return texts[0]
        if texts:
            self.findings.repair(path, "a list became a text with points", brief(texts))
        lines = [_BULLET.sub("", text, count=1) for text in texts]
        return "\n".join(f"- {' '.join(line.split())}" for line in lines)

    def _inner(self, value: Mapping[str, Any], path: Path) -> str:
        known = [name for name in value if key_of(name) in _INNER]
        if len(known) == 1 and not isinstance(value[known[0]], Mapping):
            for name in value:
                if name != known[0] and not is_nothing(value[name]):
                    self.findings.leave((*path, name), "no place in a record", value[name])
            return self.plain(value[known[0]], (*path, known[0]))
        self.findings.leave(path, "a text belongs here, not parts with names", value)
        return ""

    def truth(self, value: Any, path: Path) -> bool:
        """Return a truth value; only what is true is told."""
        if value is True or str(value).casefold() in {"true", "yes"}:
            self.findings.placed += 1
            return True
        if not is_nothing(value) and value is not False and str(value).casefold() not in {"false", "no"}:
            self.findings.leave(path, "true or false belongs here", value)
        return False

    def choices(self, value: Any, path: Path, allowed: Sequence[str]) -> list[str]:
        """Return the choices that a value names, each once."""
        chosen: list[str] = []
        for text, where in self._words(value, path):
            choice = choice_of(text, allowed)
            if not choice:
                self.findings.leave(where, f"it is none of {', '.join(allowed)}", text)
                continue
            if choice != text:
                self.findings.repair(where, f"'{text}' became {choice}")
            self.findings.placed += 1
            if choice not in chosen:
                chosen.append(choice)
        return chosen

    def slugs(self, value: Any, path: Path) -> list[str]:
        """Return topics or specialties as ids, each once."""
        slugs: list[str] = []
        for text, where in self._words(value, path):
            slug = name_slug(text)
            if not slug:
                self.findings.leave(where, "nothing in it can be an id", text)
                continue
            if slug != text:
                self.findings.repair(where, f"'{text}' became {slug}")
            self.findings.placed += 1
            if slug not in slugs:
                slugs.append(slug)
        return slugs

    def _words(self, value: Any, path: Path) -> Iterator[tuple[str, Path]]:
        """Yield the texts of a list, or of a text that is one: `students, residents`."""
        if is_nothing(value):
            return
        if isinstance(value, str):
            if value.strip().casefold() in {"all", "everybody", "everyone", "any"}:
                self.findings.repair(path, f"'{value}' became an empty list, which means everybody")
                return
            yield from ((word.strip(), path) for word in _BETWEEN.split(value) if word.strip())
        elif isinstance(value, list):
            for index, each in enumerate(value):
                text = self.plain(each, (*path, index))
                if text:
                    yield text.strip(), (*path, index)
        else:
            self.findings.leave(path, "a list of words belongs here", value)

    def statements(self, value: Any, path: Path) -> list[str]:
        """Return cloze statements, each with gaps that make cards."""
        if isinstance(value, Mapping):
            # In a record, statements stand under ids.
            parts = [(each, (*path, name)) for name, each in value.items()]
        elif isinstance(value, list):
            parts = [(each, (*path, index)) for index, each in enumerate(value)]
        else:
            parts = [(value, path)]
        return [statement for each, where in parts if (statement := self.statement(each, where))]

    def statement(self, value: Any, path: Path) -> str:
        """Return one cloze statement; empty, and listed, if it makes no card."""
        if isinstance(value, Mapping):
            names = [name for name in value if key_of(name) in {"text", "statement", "cloze", "sentence"}]
            value = {"text": value[names[0]]} | {k: v for k, v in value.items() if k != names[0]} if names else value
        text = self.text(value, path, cloze=True)
        if not text:
            return ""
        parsed = parse_cloze(text)
        if parsed.faults or not parsed.deletions:
            self.findings.placed -= 1
            reason = parsed.faults[0] if parsed.faults else "it has no gap, such as {{c1::answer}}"
            self.findings.leave(path, f"no cloze statement: {reason}", text)
            return ""
        return text


def lines_of(text: str) -> list[str]:
    """Return the points of a text that is a list with bullets or numbers, one a line; else the text."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and all(_BULLET.match(line) for line in lines):
        return [_BULLET.sub("", line, count=1).strip() for line in lines]
    return [text]
