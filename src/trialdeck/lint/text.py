"""Rules for the texts of a record: what the author may have meant as markup, and what shows as it was typed.

`trialdeck.markdown.dialect` says what is markup. Each rule takes one text and yields what is doubtful in it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from trialdeck.core.problem import Problem, shortened
from trialdeck.markdown.scripts import LOWERED, RAISED
from trialdeck.records.placeholder import YET_TO_BE_WRITTEN
from trialdeck.yamlfile.document import DataPath, Document

_TEXTS = frozenset({
    "title", "tested", "population", "comparator", "endpoint", "summary", "significance", "history", "text", "question",
    "response", "caption", "reason",
})  # fmt: skip
"""The properties of a record, at any depth, whose values are Markdown; statements under `cloze` are as well."""


class Doubt(msgspec.Struct, frozen=True):
    """What is doubtful in a text: the code of the problem, its message and hint."""

    code: str
    message: str
    hint: str


Rule = Callable[[str], Iterator[Doubt]]

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:\s[^<>]*)?/?>")
_SCRIPT = re.compile(r"<(su[bp])>([^<>]{1,12})</\1>", re.IGNORECASE)
_IN_PLACE_OF = {
    **dict.fromkeys(("b", "strong"), "write **bold**"),
    **dict.fromkeys(("i", "em"), "write *italic*"),
    **dict.fromkeys(("sup", "sub"), r"write a formula, such as \(10^{9}\)"),
    "br": "break the line itself",
}
_NOTHING = "leave it out: records are text, with Markdown for what stands out"
# An address may have brackets, but none inside others: 10.1016/S0140-6736(05)67394-1.
_IMAGE = re.compile(r"!\[[^\[\]]*\]\((?:[^()]|\([^()]*\))*\)")
_RAW_LINK = re.compile(r"(?<!!)\[[^\[\]]*\]\(\s*(www\.|doi:|10\.\d{4,9}/)((?:[^()\s]|\([^()\s]*\))*)\)", re.IGNORECASE)
_CODE = re.compile(r"`[^`]*`")

_HEADING = re.compile(r"(?m)^ {0,3}#{2,6}[ \t]+\S")
_RULE = re.compile(r"(?m)(?:\A|\n)[ \t]*([-_*])(?:[ \t]*\1){2,}[ \t]*(?:\n|\Z)")
_QUOTATION = re.compile(r"(?m)^>[ \t].*\n>")
_REFERENCE = re.compile(r"(?m)^ {0,3}\[[^\[\]^]+\]:[ \t]+\S+")
_WRAPPED = re.compile(r"(?m)^(?![ \t]*(?:[-+*|]|[0-9]+[.)])[ \t]).{60,}[^.!?:;|\s][ \t]?\n(?=[a-z])")
_NUMBERED = re.compile(r"(?m)^[ \t]*([0-9]{1,9})[.)][ \t]+\S.*\n[ \t]*\1[.)][ \t]+\S")
_MINUSES = re.compile(r"(?m)^[ \t]*-[ \t]+[0-9]+[.·][0-9].*\n[ \t]*-[ \t]+[0-9]+[.·][0-9]")
_DIVIDER = re.compile(r"\|?[ \t]*:?-+:?(?:[ \t]*\|[ \t]*:?-+:?)*[ \t]*\|?")
_BAR = re.compile(r"(?<!\\)\|")


def tags_show(text: str) -> Iterator[Doubt]:
    """Yield the HTML elements of a text: they show as they were typed."""
    text = _CODE.sub("", text)
    if tag := _TAG.search(text):
        script = _SCRIPT.match(text, tag.start())
        hint = _in_place_of(script) if script else _IN_PLACE_OF.get(tag[1].lower(), _NOTHING)
        yield Doubt("TD421", f"the tag {shortened(tag[0])} will show as it is typed", hint)


def _in_place_of(script: re.Match[str]) -> str:
    """Return the hint: the characters of a superscript or subscript, or a formula if there are none."""
    mark, table = ("^", RAISED) if script[1].lower() == "sup" else ("_", LOWERED)
    if all(character in table for character in script[2]):
        return f"write {''.join(table[character] for character in script[2])}"
    return rf"write a formula: \({mark}{{{script[2]}}}\)"


def images_show(text: str) -> Iterator[Doubt]:
    """Yield the images of a text: a card loads none."""
    if image := _IMAGE.search(_CODE.sub("", text)):
        hint = "name the picture under `figures`: it goes into the package"
        yield Doubt("TD421", f"no card loads the picture {shortened(image[0])}", hint)


def links_have_addresses(text: str) -> Iterator[Doubt]:
    """Yield the links whose address starts with no `https://`."""
    for link in _RAW_LINK.finditer(_CODE.sub("", text)):
        start = "https://www." if link[1].lower() == "www." else "https://doi.org/"
        rest = link[1] + link[2] if link[1].startswith("10.") else link[2]
        hint = f"write its whole address: {start}{shortened(rest)}"
        yield Doubt("TD421", f"the link {shortened(link[0])} will show as it is typed", hint)


def blocks_show(text: str) -> Iterator[Doubt]:
    """Yield what would be a heading, a rule, a quotation or a reference in other Markdown."""
    for pattern, name, hint in (
        (_HEADING, "a heading", "write **bold** on a line of its own"),
        (_RULE, "a rule", "leave an empty line instead"),
        (_QUOTATION, "a quotation", "use quotation marks"),
        (_REFERENCE, "the address of a link", "write [text](https://…) where the link stands"),
    ):
        if found := pattern.search(text):
            shown = shortened(found[0].strip().splitlines()[0])
            yield Doubt("TD421", f"'{shown}' shows as it is typed; {name} is not part of a record's Markdown", hint)


def lines_break_where_they_end(text: str) -> Iterator[Doubt]:
    """Yield a line that was broken at the edge of an editor: a typed line break is one on the card."""
    if wrapped := _WRAPPED.search(text):
        message = f"the line '…{wrapped[0].strip()[-24:]}' breaks in the middle of a sentence, on the card too"
        yield Doubt("TD422", message, "write the sentence in one line, or start the text with `>-` instead of `|`")


def marks_are_clear(text: str) -> Iterator[Doubt]:
    """Yield numbers that show as typed and are no list, and minus signs that become the bullets of a list."""
    if numbers := _NUMBERED.search(text):
        message = f"two lines start with {numbers[1]}., so they are not a list and show as they are typed"
        yield Doubt("TD423", message, "number them one after the other: 1. 2. 3.")
    if _MINUSES.search(text):
        message = "the lines that start with `- ` and a number become a list: a minus sign is lost"
        yield Doubt("TD423", message, "write a minus sign before its number without a space: -3.1")


def rows_fit_their_head(text: str) -> Iterator[Doubt]:
    """Yield the rows of a table with more cells than its head: what stands behind these is lost."""
    lines = text.split("\n")
    columns = 0
    for above, line in zip(["", *lines], lines, strict=False):
        if "|" in above and "-" in line and "|" in line and _DIVIDER.fullmatch(line.strip()):
            columns = _cells(above) if _cells(above) == _cells(line) else 0
        elif not line.strip():
            columns = 0
        elif columns and _cells(line) > columns:
            message = f"the row '{shortened(line.strip())}' has {_cells(line)} cells, its head has {columns}"
            yield Doubt("TD424", message, r"write a bar inside a cell as \|")


def _cells(line: str) -> int:
    return len(_BAR.findall(line.strip().removeprefix("|").removesuffix("|"))) + 1


def texts_are_written(text: str) -> Iterator[Doubt]:
    """Yield what a new record begins with, where nobody has written the text yet: learners would be shown it."""
    if text.strip() == YET_TO_BE_WRITTEN:
        yield Doubt("TD222", "the text is yet to be written", "write it, or remove the entry")


RULES: tuple[Rule, ...] = (
    texts_are_written,
    tags_show,
    images_show,
    links_have_addresses,
    blocks_show,
    lines_break_where_they_end,
    marks_are_clear,
    rows_fit_their_head,
)


def check_texts(document: Document) -> Iterator[Problem]:
    """Yield what is doubtful in the texts of a record, in the order of the file."""
    for path, text in _texts(document.data, ()):
        for rule in RULES:
            for doubt in rule(text):
                yield document.problem(doubt.code, document.spot(*path), doubt.message, doubt.hint)


def _texts(data: Any, path: DataPath) -> Iterator[tuple[DataPath, str]]:
    """Yield the Markdown texts of some data, each with its path."""
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and (name in _TEXTS or (path and path[-1] == "cloze")):
                yield (*path, name), value
            else:
                yield from _texts(value, (*path, name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))
