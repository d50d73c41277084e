"""Turn a text of a language model into Markdown as a record has it: HTML, headings, cloze marks, lost backslashes."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from itertools import count

import msgspec

from trialdeck.drafts.lines import shown_characters
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.math import Formula, find_formulas
from trialdeck.markdown.render import render, render_cloze

_TAG = re.compile(
    r"&lt;/?(?:b|br|code|div|em|font|h[1-6]|i|li|ol|p|span|strong|su[bp]|table|t[dhr]|tbody|thead|u|ul)"
    r"(?:\s++[a-z-]++=(?:(?!&[lg]t;)[^<>]){0,200})?\s?/?&gt;",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?m)^[ ]{0,3}#{1,6} +(?=[A-Z0-9“\"*])([^\n]+)$")
_LOST_BACKSLASH = re.compile("[\x08\x0c]|\t(?=(?:imes|ext|heta|au|ilde|frac)(?![a-z]))")
_RESTORED = {"\x08": r"\b", "\x0c": r"\f", "\t": r"\t"}
# What models write in place of `{{c1::answer}}`.
_GAP = re.compile(
    r"\{\{\s*+[cC](?P<number>[0-9]{1,3})\s*+:{1,3}(?P<numbered>[^{}]++)\}\}"
    r"|(?<!\{)\{[cC](?P<single>[0-9]{1,3})::(?P<in_single>[^{}]++)\}(?!\})"
    r"|\[{1,2}[cC](?P<square>[0-9]{1,3})::(?P<in_square>[^\[\]]++)\]{1,2}"
    r"|\{\{(?P<bare>[^{}]++)\}\}"
)


class ModelMarkdown(msgspec.Struct, frozen=True):
    """A text as Markdown; what was repaired in it, and what of it a record cannot hold, in words."""

    text: str
    repaired: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()


def markdown_of(text: str, *, cloze: bool = False, inline: bool = False) -> ModelMarkdown:
    """Return a text as Markdown; `inline` makes one line of it, `cloze` says that it is a cloze statement."""
    repaired: list[str] = []
    losses: list[str] = []
    steps: list[tuple[Callable[[str], str], str]] = [
        (_with_backslashes, "a backslash that JSON took for an escape was put back"),
        (shown_characters, "characters that are not text were replaced"),
        (_without_headings, "a heading became bold"),
    ]
    for step, message in steps:
        changed = step(text)
        if changed != text:
            repaired.append(message)
            text = changed
    if cloze:
        text, gaps = with_gaps(text)
        repaired += gaps
    text, tags, lost = _without_tags(text, cloze=cloze)
    repaired += tags
    losses += lost
    text = " ".join(text.split()) if inline else text.strip()
    return ModelMarkdown(text, tuple(repaired), tuple(losses))


def has_gaps(text: str) -> bool:
    """Tell whether a text hides something, as Anki writes it or as models do."""
    formulas = find_formulas(text)
    return bool(parse_cloze(text).deletions) or any(
        not _is_inside(found.start(), formulas) for found in _GAP.finditer(text)
    )


def with_gaps(text: str) -> tuple[str, list[str]]:
    """Return a cloze statement in Anki's own syntax, and what was repaired."""
    formulas = find_formulas(text)
    numbers = count(max((int(number) for found in _GAP.finditer(text) for number in _numbers(found)), default=0) + 1)

    def gap(found: re.Match[str]) -> str:
        if _is_inside(found.start(), formulas):
            return found[0]
        number = next(iter(_numbers(found)), "") or str(next(numbers))
        inside = next(found[name] for name in ("numbered", "in_single", "in_square", "bare") if found[name])
        return f"{{{{c{int(number)}::{inside.strip()}}}}}"

    changed = _GAP.sub(gap, text)
    return changed, ["the marks of a gap were put into Anki's form, {{c1::…}}"] if changed != text else []


def _numbers(found: re.Match[str]) -> list[str]:
    return [found[name] for name in ("number", "single", "square") if found[name]]


def _is_inside(position: int, formulas: Sequence[Formula]) -> bool:
    return any(formula.start <= position < formula.end for formula in formulas)


def _with_backslashes(text: str) -> str:
    r"""Return a text in which `\beta` is whole again: JSON reads `\b` as a backspace."""
    return _LOST_BACKSLASH.sub(lambda found: _RESTORED[found[0]], text)


def _without_headings(text: str) -> str:
    return _HEADING.sub(lambda found: _bold(found[1].rstrip(" #")), text)


def _bold(text: str) -> str:
    return text if text.startswith("**") else f"**{text}**"


def _without_tags(text: str, *, cloze: bool) -> tuple[str, list[str], list[str]]:
    """Return a text with Markdown in place of tags; as it is if Markdown cannot say it."""
    html = render_cloze(text) if cloze else render(text)
    if not _TAG.search(html):
        return text, [], []
    from trialdeck.markdown.from_html import converted  # noqa: PLC0415 - few texts of models have tags
    from trialdeck.markdown.html.elements import UnsayableError  # noqa: PLC0415 - it comes with the same library

    try:
        made = converted(_TAG.sub(lambda found: unescape(found[0]), html), cloze=cloze)
    except UnsayableError as error:
        return text, [], [f"tags of HTML stay in the text: {error}"]
    return made.text, ["tags of HTML became Markdown"], list(made.losses)
