"""Recognise labels, questions and answers at the start of a line of notes, and headings by their looks."""

import re

import msgspec

from trialdeck.drafts.headings import is_title_case
from trialdeck.drafts.prose.names import ACRONYM, ANSWER, QUESTION, TITLE, Part, letter_part, part_of
from trialdeck.drafts.prose.pieces import is_bold, plain, without_start
from trialdeck.markdown.html.seen import Line, Run, line_of

_LONGEST_NAME = 60
_LONGEST_HEADING = 120
_MOST_WORDS_OF_LABEL = 5
_SENTENCE_ENDS = (".", "!", ";", ",", "…", "?")
_SEPARATORS = ":：.–—-"
_QUESTION = re.compile(r"(?:q(?:uestion|uest|ues)?)[. ]?\s?[0-9]{0,3}\s?(?:[:：)]|[.](?=\s|$))\s?", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:(?:answer|ans|response|key response)\s?[0-9]{0,3}\s?[:：.)]|a\s?[0-9]{0,3}\s?[:：])\s?", re.IGNORECASE
)
_ANSWER_INSIDE = re.compile(r"\s(?:A|Ans|Answer)\s?[:：]\s")
_INSIDE_ABSTRACT = re.compile(r"(?<=[.)\]!?] )([A-Z][A-Z ,&/]{3,40}):(?= )")
_TWO_SIDES = re.compile(r"\?\s?::\s?")
_TOO_GENERAL = frozenset({"interpretation", "impact", "drug", "sample", "type", "importance"})
"""Names that say as a heading what stands below, and before a text may mean anything."""
_OUTER = " *_\"'“”()[]"


class Label(msgspec.Struct, frozen=True):
    """A name before a text: `Population: adults`; `rest` is empty where the text stands below."""

    name: str
    part: Part
    rest: Line


def label_of(line: Line) -> Label | None:
    """Return the label of a line: a known name before a colon, or in bold before a dash or a point."""
    text = "".join(run.text for run in line)
    name, colon, _ = text.replace("：", ":").partition(":")
    part = _part_of_label(name) if colon else None
    if part:
        return Label(name.strip(), part, _after(line, len(name) + 1))
    bold = 0
    for run in line:
        if "strong" not in run.marks:
            break
        bold += len(run.text)
    rest = text[bold:].lstrip()
    name = text[:bold].strip()
    is_apart = name[-1:] in _SEPARATORS or rest[:1] in _SEPARATORS or (text[:1].isupper() and rest[:1].isupper())
    if not 0 < bold < len(text) or not is_apart:
        return None
    part = _part_of_label(name)
    return Label(name.strip(f"{_SEPARATORS} "), part, _after(line, bold)) if part else None


def _part_of_label(name: str) -> Part | None:
    is_general = name.strip(f"{_OUTER}{_SEPARATORS}").casefold() in _TOO_GENERAL
    return None if is_general or len(name) > _LONGEST_NAME else part_of(name)


def letter_label_of(line: Line) -> Label | None:
    """Return the label of a line below `PICO`, which may be a letter."""
    text = "".join(run.text for run in line)
    name, colon, _ = text.replace("：", ":").partition(":")
    part = letter_part(name) if colon else None
    return Label(name.strip(), part, _after(line, len(name) + 1)) if part else None


def _after(line: Line, count: int) -> Line:
    rest = without_start(line, count)
    text = "".join(run.text for run in rest)
    lead = len(text) - len(text.lstrip(f"{_SEPARATORS} "))
    # A minus sign before a number is no separator.
    is_sign = (
        lead and text[lead - 1] in "–-" and text[lead : lead + 1].isdecimal() and not text[lead - 1 :][1:2].isspace()
    )
    return without_start(rest, lead - 1 if is_sign else lead)


def asked(line: Line) -> Line | None:
    """Return the text behind a mark such as `Q:`; None if the line does not start with one."""
    return _behind(_QUESTION, line, QUESTION)


def answered(line: Line) -> Line | None:
    """Return the text behind a mark such as `A:`; None if the line does not start with one."""
    return _behind(_ANSWER, line, ANSWER)


def _behind(mark: re.Pattern[str], line: Line, name: str) -> Line | None:
    text = "".join(run.text for run in line)
    found = mark.match(text)
    if found:
        return _after(line, found.end())
    words = text.strip(f"{_OUTER}{_SEPARATORS}").casefold().rstrip("0123456789# ")
    part = part_of(words) if words else None
    return () if part and part.property == name else None


def both_sides(line: Line) -> tuple[Line, Line] | None:
    """Return question and answer of one line: `Q: … A: …`, `…? :: …`; None if it holds no answer."""
    text = "".join(run.text for run in line)
    found = _TWO_SIDES.search(text) or _ANSWER_INSIDE.search(text)
    if not found:
        return None
    end = found.start() + (1 if text[found.start()] == "?" else 0)
    question, answer = _until(line, end), without_start(line, found.end())
    return (question, answer) if question and answer else None


def parts_of_abstract(line: Line) -> list[Line]:
    """Return the parts of an abstract in one paragraph: `BACKGROUND: … METHODS: …`; any other line is one part."""
    text = "".join(run.text for run in line)
    starts = [found.start(1) for found in _INSIDE_ABSTRACT.finditer(text) if part_of(found[1])]
    ends = [*starts, len(text)]
    begins = [0, *starts]
    if not starts:
        return [line]
    return [_until(without_start(line, begin), end - begin) for begin, end in zip(begins, ends, strict=True)]


def _until(line: Line, count: int) -> Line:
    runs: list[Run] = []
    for run in line:
        if count > 0:
            runs.append(Run(run.text[:count], run.marks, run.link, run.is_formula))
        count -= len(run.text)
    return line_of(runs)


def asks(text: str) -> bool:
    """Tell whether a text ends as a question does."""
    return text.rstrip("*_)\"'”’] ").endswith(("?", "？"))


def heading_level(line: Line, *, is_alone: bool) -> str:
    """Return `bold` for a heading by its looks, `name` for a known name alone on a line, and nothing for a text."""
    text = plain(line)
    if len(text) > _LONGEST_HEADING:
        return ""
    bare = text.strip(" *_#:：")
    part = part_of(bare)
    if (
        part
        and part.property not in {TITLE, ACRONYM, QUESTION, ANSWER}
        and (is_bold(line) or _is_name(text, is_alone=is_alone))
    ):
        return "name"
    return "bold" if is_bold(line) and is_alone and not bare.endswith(_SENTENCE_ENDS) else ""


def _is_name(text: str, *, is_alone: bool) -> bool:
    """Tell whether a known name reads as a heading: it stands alone, ends with a colon, or begins with a capital."""
    return text[:1].isupper() and (is_alone or text.endswith((":", "：")) or text.isupper() or len(text.split()) > 1)


def is_unknown_label(line: Line) -> bool:
    """Tell whether a line begins with a few words that are a label by their looks, and that nobody knows."""
    text = "".join(run.text for run in line)
    bold = ""
    for run in line:
        if "strong" not in run.marks:
            break
        bold += run.text
    rest = text[len(bold) :].lstrip()
    name = bold or text.partition(":")[0]
    is_apart = bool(rest) and (bold.rstrip()[-1:] in _SEPARATORS or rest[:1] in _SEPARATORS or rest[:1].isupper())
    is_label = is_apart if bold else ":" in text and name[:1].isupper()
    return is_label and 0 < len(name.split()) <= _MOST_WORDS_OF_LABEL and label_of(line) is None


def is_title_like(text: str) -> bool:
    """Tell whether a line alone, which is no known name, looks like a heading: a few words in title case."""
    return len(text) <= _LONGEST_HEADING and not text.endswith(_SENTENCE_ENDS) and is_title_case(text)
