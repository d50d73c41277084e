"""Write a record of many entries: ruamel.yaml takes a minute for what this writes in a second.

The lines are those that a person would write: short texts plain or in quotes, long ones folded, texts of several lines
as they are. What does not read back as it should is left to `trialdeck.yamlfile.writer`.
"""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from trialdeck.yamlfile.document import parse_document, refuse_too_large
from trialdeck.yamlfile.writer import WIDTH, Property, as_read, is_plain, is_tidy, write_record

_LONGEST_ON_A_LINE = 80
_STEP = 2
_NARROWEST = 40
"""How many columns the lines of a folded text have at least, however far it is indented."""


def write_long_record(properties: Sequence[Property], head: Iterable[str]) -> str:
    """Return what `write_record` does, which it is for records of few entries too.

    Raises TrialdeckError where it would be too large to be read.
    """
    lines, parts = list(head), list[str]()
    for is_list, group in groupby(properties, key=_is_list_of_entries):
        if is_list:
            parts += [_list_text(part) for part in group]
        else:
            parts.append(write_record(list(group), () if parts else lines))
    text = "".join(parts)
    document, problems = parse_document(text.encode(), "draft")
    refuse_too_large(problems, "the record")
    if document is not None and document.data == {part.name: as_read(part.value) for part in properties}:
        return text
    return write_record(properties, lines)


def entry_lines(entry: Mapping[str, Any], column: int) -> Iterator[str]:
    """Yield the lines of an entry of a list whose dash is at a column; they may not read back as the entry."""
    mark = f"{' ' * column}- "
    for line in _mapping_lines(entry, column + _STEP):
        yield mark + line[column + _STEP :] if mark else line
        mark = ""


def _is_list_of_entries(part: Property) -> bool:
    is_list = isinstance(part.value, list) and bool(part.value) and isinstance(part.value[0], dict)
    return is_list and not (part.above or part.beside or part.within)


def _list_text(part: Property) -> str:
    lines = [f"{part.name}:", *(line for entry in part.value for line in entry_lines(entry, _STEP))]
    return "".join(["\n" if part.apart else "", *(f"{line}\n" for line in lines)])


def _mapping_lines(mapping: Mapping[str, Any], column: int) -> Iterator[str]:
    start = " " * column
    for name, value in mapping.items():
        if isinstance(value, Mapping):
            yield f"{start}{name}:"
            yield from _mapping_lines(value, column + _STEP)
        elif isinstance(value, list) and not any(isinstance(entry, Mapping) for entry in value):
            yield f"{start}{name}: [{', '.join(map(str, value))}]"
        elif isinstance(value, list):
            yield f"{start}{name}:"
            for entry in value:
                yield from entry_lines(entry, column + _STEP)
        elif isinstance(value, bool):
            yield f"{start}{name}: {str(value).lower()}"
        else:
            first, *rest = _text_lines(value, column + _STEP, len(name))
            yield f"{start}{name}: {first}"
            yield from rest


def _text_lines(text: str, column: int, used: int) -> list[str]:
    """Return the lines of a text behind its key, which has `used` characters; all but the first are indented."""
    start = " " * column
    if is_tidy(text) and (len(text) > _LONGEST_ON_A_LINE - used or "\n" in text):
        folded = [_folded(paragraph, column) for paragraph in text.split("\n\n")]
        # A line break of a folded text is an empty line.
        gaps = [line for lines in folded for line in ("", "", *lines)][2:]
        return [">-", *(start + line if line else "" for line in gaps)]
    if "\n" in text and all(line == line.rstrip() for line in text.split("\n")) and text == text.strip("\n "):
        return ["|-", *(start + line if line else "" for line in text.split("\n"))]
    return [text if is_tidy(text) and is_plain(text) else json.dumps(text, ensure_ascii=False)]


def _folded(paragraph: str, column: int) -> list[str]:
    width = max(WIDTH - column, _NARROWEST)
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
