"""What the form says of a problem: in the words of its fields, where the text of the record has properties and syntax.

A problem names properties and what to write into the file. Who fills in the form sees labels, boxes and buttons.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import trialdeck as td
from trialdeck.desk.forms.fields import Field, sections

Path = tuple[str | int, ...]

_BUTTON = "let the button write it"
_CHOOSE = "choose one that the form has"
_FILL_IN = "fill it in"
_HINTS: Mapping[str, str] = {
    "TD102": "the text has both: keep one of the two there",
    "TD104": _FILL_IN,
    "TD109": _CHOOSE,
    "TD110": _CHOOSE,
    "TD112": "take the sign away",
    "TD117": "fill it in, or remove it",
    "TD121": "the text has two: move the second one into a file of its own",
    "TD123": _BUTTON,
    "TD201": "give this one another id",
    "TD203": "mark the words that are to be hidden, and choose Gap",
    "TD204": "take the braces away, mark the words that are to be hidden, and choose Gap",
    "TD209": "write at least one question",
    "TD405": "take the sign away, and write what you mean",
    "TD410": "give it a topic that a deck takes, or choose it in a deck, in the settings",
    "TD422": "write the sentence in one line",
    "TD425": "write the whole of it here",
    "TD502": "look at it again, in the review",
    "TD503": "look at it again, in the review",
    "TD506": "remove the comment in the text, or correct its code",
    "TD604": "shorten it, or add sentences with gaps for its parts",
}
"""What to do in the form, by the code of a problem; other hints hold in the form too, once they name its fields."""
_OF_FIELDS: Mapping[tuple[str, str], str] = {
    ("TD104", "fixed"): _BUTTON,
    ("TD104", "id"): _BUTTON,
    ("TD105", "tick"): "set the tick again",
    ("TD105", "flag"): _CHOOSE,
    ("TD108", "choice"): _CHOOSE,
    ("TD108", "boxes"): _CHOOSE,
    ("TD119", "interval"): "fill in both bounds, and nothing else",
    ("TD119", "pair"): "choose two arms",
}
"""The same for fields of one kind."""
_OF_ENTRY: Mapping[str, Mapping[str, str]] = {
    "TD203": {r"^'[a-z0-9-]+' hides": "this sentence hides"},
    "TD404": {r"^'[a-z0-9-]+' has no": "this result has no"},
}
"""What a message calls an entry whose id the form has made: the message stands beside the entry."""
_TYPED = frozenset({"number", "tick", "flag"})
"""The kinds of fields that show a value of another type; the bounds of an interval are shown as well."""
_NAMES_THE_VALUE = frozenset(
    {"TD102", "TD104", "TD105", "TD108", "TD117", "TD118", "TD119", "TD124", "TD205", "TD401", "TD402", "TD443"}
)
"""The problems whose message names the property between quotes."""

_CODE = re.compile(r"`([^`]+)`")
_PROPERTY = re.compile(r"(\$?[a-z_]+)(?::(?: (.+))?)?")
_ENTRY = re.compile(r"'([a-z_]+)\.([a-z0-9-]+)[a-z_.-]*'")
"""How a message names another entry: `questions.why.question`."""
_QUOTED = re.compile(r"'([a-z_$]+)'")
_COMMENT = re.compile("^YAML takes (.+) for a comment")
_QUOTES_OF_YAML = re.compile(r",? without quotes")


@dataclass(frozen=True, slots=True)
class Said:
    """A problem in the words of the form."""

    message: str
    hint: str


def said_in_form(problem: td.Problem, path: Path) -> Said:
    """Return what the form says of a problem of the value at a path."""
    words = _Words(path)
    if problem.code == "TD103":
        return Said(f"the form has no field “{path[-1]}”", _hint_of_unknown(problem.hint, words))
    if problem.code == "TD105" and not words.is_typed:
        called = words.label or "it"
        return Said(f"{called} is written in another way than the form can show", "correct it in the text")
    return Said(_message(problem, words), _hint(problem, words))


def fix_label(problem: td.Problem, path: Path, fix: td.Fix) -> str:
    """Return what the button of a fix says."""
    is_renaming = problem.code == "TD103" and len(fix.changes) == 2
    name = str(fix.changes[0].path[-1])
    return f"Make it {_Words(path).called(name)}" if is_renaming else fix.label


def in_words_of_form(text: str) -> str:
    """Return a text in which each property that is written as code has the name of its field."""
    return _CODE.sub(_Words(()).translated, text)


def label_of_property(name: str) -> str:
    """Return the label of the field of a property between quotes; a name that no field has stays as it is."""
    called = _Words(()).called(name)
    return name if called == f"“{name}”" else called


def _message(problem: td.Problem, words: "_Words") -> str:
    message = _COMMENT.sub(r"\1 is left out", problem.message)
    for pattern, of_entry in _OF_ENTRY.get(problem.code, {}).items():
        message = re.sub(pattern, of_entry, message)
    if problem.code == "TD111" and words.kind == "words":
        message = message.replace("is not an id", f"is not written as {words.label} are")
    if problem.code in _NAMES_THE_VALUE:
        message = _QUOTED.sub(words.named, message)
    return _with_gaps(problem.code, _CODE.sub(words.translated, _ENTRY.sub(words.of_entry, message)))


def _hint(problem: td.Problem, words: "_Words") -> str:
    own = _OF_FIELDS.get((problem.code, words.kind)) or _HINTS.get(problem.code)
    if own in {_CHOOSE, None} and "everybody" in problem.hint:
        own = ""
    if problem.code == "TD105" and problem.hint == "write it without quotes":
        return "the text has quotes around it: let the button correct that"
    return own or _with_gaps(problem.code, _QUOTES_OF_YAML.sub("", _CODE.sub(words.translated, problem.hint)))


def _hint_of_unknown(hint: str, words: "_Words") -> str:
    likely = re.fullmatch(r"did you mean '(.+)'\?", hint)
    return f"did you mean {words.called(likely[1])}?" if likely else "correct its name in the text, or remove it"


def _with_gaps(code: str, text: str) -> str:
    """Return the words of a problem of a sentence with gaps, which the text calls a cloze statement with deletions."""
    if code in {"TD203", "TD204", "TD605"}:
        return re.sub(r"\bdeletion", "gap", text).replace("statements", "sentences").replace("statement", "sentence")
    return text


class _Words:
    """The words of the form around the value at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fields = tuple(_fields_on(path))

    @property
    def kind(self) -> str:
        """The kind of the field; empty for an entry of a list, and for the record itself."""
        field = self._fields[-1] if self._fields else None
        is_of_field = field and field.name in self._path[-2:] and not (isinstance(self._path[-1], int) and field.fields)
        return field.kind if field and is_of_field else ""

    @property
    def is_typed(self) -> bool:
        """Whether the form shows the value, though it is of another type."""
        return self.kind in _TYPED or (self.kind == "interval" and isinstance(self._path[-1], int))

    @property
    def label(self) -> str:
        """What the field of the value is called; empty for the record itself."""
        return f"“{self._fields[-1].label}”" if self._fields else ""

    def called(self, name: str) -> str:
        """Return what a property near the value is called."""
        field = self._near(name)
        return f"“{field.label if field else name}”"

    def named(self, quoted: re.Match[str]) -> str:
        """Return the label of the property that a message names between quotes."""
        name = quoted[1]
        own = self._fields[-1].fields if self._fields else _top()
        is_meant = name in self._path or self._path[:1] == ("cards",) or name in {field.name for field in own}
        return self.called(name) if is_meant else quoted[0]

    def of_entry(self, quoted: re.Match[str]) -> str:
        """Return what another entry is called: its part of the form, and its id."""
        labels = {field.name: field.label for field in _top()}
        return f"“{labels[quoted[1]]}: {quoted[2]}”" if quoted[1] in labels else quoted[0]

    def translated(self, code: re.Match[str]) -> str:
        """Return what `name: value`, or whatever else is written as code, is in the form."""
        parts = _PROPERTY.fullmatch(code[1])
        field = self._near(parts[1]) if parts else None
        if not parts or not field:
            return f"“{code[1]}”"
        return f"“{_shown(field, parts[2])}” under “{field.label}”" if parts[2] else f"“{field.label}”"

    def _near(self, name: str) -> Field | None:
        """Return the field of a name that is nearest to the value: beside it, or else below what is around it."""
        around = [field.fields for field in reversed(self._fields)] + [_top()]
        beside = (field for fields in around for field in fields if field.name == name)
        below = (field for fields in around for field in _below(fields) if field.name == name)
        return next(beside, None) or next(below, None)


def _shown(field: Field, value: str) -> str:
    """Return a value of the file as the form shows it."""
    text = value.strip("[]\"'")
    if field.kind in {"flag", "tick"}:
        return {"true": "Yes", "false": "No"}.get(text, text)
    return dict(field.choices).get(text, text)


def _fields_on(path: Path) -> Iterator[Field]:
    """Yield the fields that a path leads through, from the outermost one on."""
    fields = _top()
    for name in path:
        found = next((field for field in fields if field.name == name), None)
        if found:
            yield found
            fields = found.fields
        elif isinstance(name, str):
            return


def _below(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield from (*field.fields, *_below(field.fields))


def _top() -> tuple[Field, ...]:
    return tuple(field for section in sections() for field in section.fields)
