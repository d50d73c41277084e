"""Read one generic card of a language model: question and response, a statement with gaps, or answer options."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trialdeck.core.text import is_blank
from trialdeck.drafts.model_output.content_schema import content_schema
from trialdeck.drafts.model_output.names import (
    CARDS,
    CLOZE,
    ENTRY,
    EXPLANATION,
    FACTS,
    OPTIONS,
    QUESTION,
    RESPONSE,
    key_of,
    reason_withheld,
)
from trialdeck.drafts.model_output.texts import has_gaps
from trialdeck.drafts.model_output.trials import Entry
from trialdeck.drafts.model_output.values import Fitter, Path, is_nothing
from trialdeck.markdown.cloze import filled
from trialdeck.records.model import Perspective
from trialdeck.records.sections import ENTRY_LISTS, KEY_FINDINGS, QUESTIONS

_PAIR = re.compile(
    r"\s*+(?:\*\*)?(?:Q|Question)[0-9 ]{0,4}[:.)](?:\*\*)?(?P<question>.+?)(?:\n\s{0,8}|(?<=[?!.])[ ]{1,3})"
    r"(?:\*\*)?(?:A|Answer)[0-9 ]{0,4}[:.)](?:\*\*)?(?P<response>.+)",
    re.DOTALL | re.IGNORECASE,
)
_BLANK = re.compile(r"_{3,}")
_LABEL = re.compile(r"\s*\(?([A-Ha-h])[.):]\s*")
_OPTION = frozenset({"text", "option", "content", "answer"})
_SECTIONS = frozenset(name for name, own in FACTS.items() if own in ENTRY_LISTS) | frozenset(ENTRY_LISTS)
_LONGEST_PAIR = 20_000

Located = tuple[Any, Path]
"""A value, and where it is."""
Parts = Mapping[str, tuple[str, Any]]
"""The parts of an object by their names in small letters, each with its own name and its value."""


def parts_of(value: Mapping[str, Any], path: Path, fitter: Fitter) -> Parts:
    """Return the parts of an object; a name that is there twice, in other letters, is listed."""
    parts: dict[str, tuple[str, Any]] = {}
    for name, part in value.items():
        key = key_of(name) or name
        if key in parts and not is_nothing(part):
            fitter.findings.leave((*path, name), f"'{parts[key][0]}' says it already", part)
        else:
            parts.setdefault(key, (name, part))
    return parts


def is_card(value: object) -> bool:
    """Tell whether a value is one card."""
    if isinstance(value, str):
        return has_gaps(value) or bool(len(value) <= _LONGEST_PAIR and _PAIR.fullmatch(value))
    if not isinstance(value, Mapping):
        return False
    fields = value.get("fields")
    names = {key_of(name): part for name, part in (fields if isinstance(fields, Mapping) else value).items()}
    if any(isinstance(part, (list, Mapping)) for name, part in names.items() if name in CARDS or name in _SECTIONS):
        return False
    is_question = any(isinstance(names[name], (str, list)) and not _holds_cards(names[name])
                      for name in QUESTION & names.keys())  # fmt: skip
    return is_question or any(isinstance(names[name], str) for name in (CLOZE | {"back"}) & names.keys())


def _holds_cards(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, (Mapping, list)) for each in value)


def read_card(value: Any, path: Path, fitter: Fitter) -> tuple[str, Entry] | None:
    """Return the section and the entry of a card; None, and listed, if it can be none."""
    if isinstance(value, str):
        value = _of_text(value, path, fitter)
    elif isinstance(value, list):
        value = _of_pair(value, path, fitter)
    if not isinstance(value, Mapping):
        return None
    parts = dict(parts_of(value, path, fitter))
    if "fields" in parts and isinstance(parts["fields"][1], Mapping):
        name, fields = parts.pop("fields")
        parts = dict(parts_of(fields, (*path, name), fitter)) | parts
    return _Card(parts, path, fitter).read()


def _of_text(value: str, path: Path, fitter: Fitter) -> Mapping[str, Any] | None:
    pair = _PAIR.fullmatch(value) if len(value) <= _LONGEST_PAIR else None
    if pair:
        fitter.findings.repair(path, "a text with Q: and A: became a question and its response")
        return pair.groupdict()
    if has_gaps(value):
        return {"text": value}
    fitter.findings.leave(path, "neither a question with its response nor a statement with a gap", value)
    return None


def _of_pair(value: Sequence[Any], path: Path, fitter: Fitter) -> Mapping[str, Any] | None:
    if len(value) == 2 and all(isinstance(part, str) for part in value):
        fitter.findings.repair(path, "a list of two texts became a question and its response")
        return {"question": value[0], "response": value[1]}
    fitter.findings.leave(path, "no card: a list", value)
    return None


class _Card:
    """Reads one card: `take` gives the first part with one of some names, the rest is listed."""

    def __init__(self, parts: dict[str, tuple[str, Any]], path: Path, fitter: Fitter) -> None:
        self.parts, self.path, self.fitter, self.findings = parts, path, fitter, fitter.findings

    def read(self) -> tuple[str, Entry] | None:
        before = self.findings.placed
        question, asked_at = self.take(QUESTION)
        response, answered_at = self.take(RESPONSE)
        gap_text = self.gap_text(question, asked_at)
        explanation, explained_at = self.take(EXPLANATION)
        options, options_at = self.take(OPTIONS)
        if is_nothing(response) and (isinstance(options, str) or (isinstance(options, list) and len(options) == 1)):
            response, answered_at, options = options, options_at, None
        values = self.common(has_question=not is_nothing(question))
        if gap_text:
            if not is_nothing(options):
                self.findings.leave(options_at, "answer options belong to a question, and this is a statement", options)
            made = self.cloze(gap_text, [(response, answered_at), (explanation, explained_at)])
        else:
            if not is_nothing(options):
                question, response = self.with_options(question, response, options, options_at, answered_at)
            made = self.pair((question, asked_at), (response, answered_at), (explanation, explained_at))
        self.leave_rest()
        if made is None:
            self.findings.placed = before
            if values:
                self.findings.leave(self.path, "its card was not taken", values)
            return None
        section, own = made
        if own.get("cloze") and values.get("cloze"):
            own["cloze"] += values["cloze"]
        return section, Entry(self.path, self.ordered(section, values | own))

    def take(self, names: frozenset[str]) -> Located:
        """Return the first part with one of some names, and where it is."""
        for key in list(self.parts):
            if key in names and not is_nothing(self.parts[key][1]):
                name, value = self.parts.pop(key)
                return value, (*self.path, name)
        return None, self.path

    def gap_text(self, question: Any, asked_at: Path) -> Located | None:
        """Return the part that is a statement with gaps, and where it is."""
        if isinstance(question, str) and has_gaps(question):
            return question, asked_at
        for key in list(self.parts):
            value = self.parts[key][1]
            if key in CLOZE and isinstance(value, str) and has_gaps(value) and is_nothing(question):
                name, value = self.parts.pop(key)
                return value, (*self.path, name)
        return None

    def common(self, *, has_question: bool) -> dict[str, Any]:
        """Return what questions and points both may have: perspective, audience, truth values."""
        properties = content_schema()["properties"][QUESTIONS.property]["items"]["properties"]
        values: dict[str, Any] = {}
        for key in list(self.parts):
            own = key if key in properties else ENTRY.get(key, key)
            if own in properties and own not in {"question", "response"} and own not in values:
                name, value = self.parts[key]
                if own == "cloze" and not has_question:
                    continue
                del self.parts[key]
                fitted = self.fitter.part(value, (*self.path, name), properties[own], own)
                if fitted:
                    values[own] = fitted
        return values

    def cloze(self, gap_text: Located, extras: Sequence[Located]) -> tuple[str, dict[str, Any]] | None:
        """Return a point: the statement, and as its text what it says with all gaps filled."""
        statement = self.fitter.statement(gap_text[0], gap_text[1])
        if not statement:
            for value, where in extras:
                if not is_nothing(value):
                    self.findings.leave(where, "its statement was not taken", value)
            return None
        text = filled(statement)
        for value, where in extras:
            extra = self.fitter.text(value, where)
            if extra and extra.casefold() not in text.casefold():
                text = f"{text}\n\n{extra}"
        return KEY_FINDINGS.property, {"text": text, "cloze": [statement]}

    def pair(self, question: Located, response: Located, explanation: Located) -> tuple[str, dict[str, Any]] | None:
        if is_nothing(question[0]):
            question = self.asking_text(has_response=not is_nothing(response[0]))
        if is_nothing(response[0]) and not is_nothing(explanation[0]):
            self.findings.repair(explanation[1], "the explanation became the response, which was missing")
            response, explanation = explanation, (None, self.path)
        asked, answered = self.fitter.text(*question), self.fitter.text(*response)
        if not asked or not answered:
            lacks = "no question" if answered else "no response" if asked else "neither question nor response"
            self.findings.leave(self.path, f"no card: {lacks}", [question[0], response[0], explanation[0]])
            return None
        more = self.fitter.text(*explanation)
        if more:
            answered = f"{answered}\n\n{more}"
        return QUESTIONS.property, {"question": asked, "response": answered}

    def asking_text(self, *, has_response: bool) -> Located:
        """Return a text that asks, where no part is called a question: `Lenalidomide binds ____.`."""
        for key in list(self.parts):
            name, value = self.parts[key]
            asks = isinstance(value, str) and (value.rstrip().endswith("?") or _BLANK.search(value))
            if key in CLOZE and has_response and asks:
                del self.parts[key]
                return value, (*self.path, name)
        return None, self.path

    def with_options(
        self, question: Any, response: Any, options: Any, options_at: Path, answered_at: Path
    ) -> tuple[Any, Any]:
        """Return a question with its answer options, and as its response the option that is right."""
        choices = _choices(options)
        if not choices:
            self.findings.leave(options_at, "answer options that cannot be read", options)
            return question, response
        said, right = _right(choices, options, response)
        if said and not right:
            self.findings.leave(answered_at, f"which option is right? {said}", [options, response])
            return question, None
        shown = "\n".join(f"- {label}. {text}" for label, text in choices)
        self.findings.repair(options_at, "the answer options became a list in the question")
        return f"{question or ''}\n\n{shown}".strip() if question else question, right or response

    def ordered(self, section: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return the properties of an entry in the order of a record; a question has a perspective."""
        if section == QUESTIONS.property and not values.get("perspective"):
            self.findings.infer(
                self.path, f"perspective: {Perspective.CLINICAL}, as none was named", group="perspective"
            )
            values["perspective"] = Perspective.CLINICAL.value
        first = ("perspective", "audience", "question", "response", "text")
        named = [name for name in first if name in values]
        return {name: values[name] for name in [*named, *(name for name in values if name not in first)]}

    def leave_rest(self) -> None:
        for key, (name, value) in self.parts.items():
            if is_nothing(value):
                continue
            if reason := reason_withheld(key):
                self.findings.leave((*self.path, name), reason, value, group="ids" if "ids" in reason else "")
            else:
                self.findings.leave((*self.path, name), f"'{name}' has no place in a card", value, group=name)


def _choices(options: Any) -> list[tuple[str, str]]:
    """Return the letters and texts of answer options."""
    if isinstance(options, Mapping):
        pairs = [(str(name).strip().upper(), part) for name, part in options.items()]
    elif isinstance(options, list):
        pairs = [(chr(ord("A") + index), _option_text(part)) for index, part in enumerate(options[:26])]
    else:
        return []
    if len(pairs) < 2 or any(not isinstance(text, str) or is_blank(text) for _, text in pairs):
        return []
    return [(label, _LABEL.sub("", text, count=1).strip() or text) for label, text in pairs]


def _option_text(part: Any) -> Any:
    if isinstance(part, Mapping):
        return next(
            (text for name, text in part.items() if key_of(name) in {"text", "option", "content", "answer"}), None
        )
    return part


def _is_marked(part: Any) -> bool:
    return isinstance(part, Mapping) and any(
        key_of(name) in {"correct", "is_correct"} and said is True for name, said in part.items()
    )


def _right(choices: Sequence[tuple[str, str]], options: Any, response: Any) -> tuple[str, str]:
    """Return why it cannot be said which option is right, or the option."""
    if isinstance(options, list):
        marked = [choice for choice, part in zip(choices, options, strict=False) if _is_marked(part)]
        if len(marked) == 1 and is_nothing(response):
            return "", f"{marked[0][0]}. {marked[0][1]}"
    if not isinstance(response, str) or is_blank(response):
        return ("none is named", "") if is_nothing(response) else ("its answer is not text", "")
    word = response.strip()
    if word.isdecimal():
        return "a number may count from 0 or from 1", ""
    label = word.rstrip(".):").lstrip("(").upper()
    bare = _LABEL.sub("", word, count=1).casefold()
    for letter, text in choices:
        if label == letter or word.casefold() == text.casefold() or bare == text.casefold():
            return "", f"{letter}. {text}"
    return ("no option has this letter", "") if len(label) == 1 else ("", "")
