"""The words of a plot: names, numbers and sentences, as plain text or as HTML."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from trialdeck.core.words import translate
from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline, render_plain
from trialdeck.records.model import Result
from trialdeck.records.results.analysis import compared_names, setting_words
from trialdeck.records.results.effect import INTERVAL, number_words, with_minus_sign

_LONGEST_LABEL = 80


def plain(markdown: str) -> str:
    """Return Markdown as plain text."""
    return readable(render_inline(markdown))


def shortened(words: str, letters: int) -> str:
    """Return a text in one line, of no more than so many letters; the last is `…` where something is left out."""
    words = " ".join(words.split())
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"


def digits(number: Decimal) -> str:
    """Return a number as it was published; one with very many digits in powers of ten."""
    written = f"{number:f}"
    return with_minus_sign(written) if len(written) <= 20 else number_words(number)


def sentences(words: Iterable[str]) -> str:
    """Return sentences in a line; an empty one is none."""
    return " ".join(f"{sentence}." for sentence in words if sentence)


def range_words(bounds: Sequence[Decimal | None]) -> str:
    """Return an interval in short: `0.27–0.52`; `−6.5 to 0.1` where a dash could be taken for a minus sign."""
    low, high = (translate("not reached") if bound is None else digits(bound) for bound in bounds)
    is_plain = all(bound is not None and bound >= 0 for bound in bounds)
    return f"{low}–{high}" if is_plain else translate("{low} to {high}", low=low, high=high)


def short_interval(bounds: Sequence[Decimal | None], level: Decimal | None) -> str:
    """Return an interval with its level, in short: `95% CI 0.27–0.52`."""
    name = translate(INTERVAL, level=digits(level)) if level is not None else translate("CI, level not stated:")
    return f"{name} {range_words(bounds)}"


def setting(result: Result) -> str:
    """Return analysis, time point, population, data cut and method of a result."""
    return shortened(setting_words(result), 300)


def label_html(markdown: str) -> str:
    """Return a name as the label of a row where there is little room: a very long one shortened, as plain text."""
    words = plain(markdown)
    return render_inline(markdown) if len(words) <= _LONGEST_LABEL else render_plain(shortened(words, _LONGEST_LABEL))


def versus(result: Result) -> str:
    """Return the names of the two arms that an estimate compares; empty if they are not known."""
    return f" {translate('v')} ".join(map(plain, compared_names(result)))
