"""The words of a drawing: names, numbers and sentences in plain text."""

from collections.abc import Iterable
from decimal import Decimal

from trialdeck.markdown.plain_text import readable
from trialdeck.markdown.render import render_inline
from trialdeck.notes.plots.svg import shortened
from trialdeck.records.model import Arm, Result
from trialdeck.records.results.analysis import compared_names, setting_words
from trialdeck.records.results.effect import number_words, with_minus_sign


def plain(markdown: str) -> str:
    """Return Markdown as plain text."""
    return readable(render_inline(markdown))


def digits(number: Decimal) -> str:
    """Return a number as it was published; one with very many digits in powers of ten."""
    written = f"{number:f}"
    return with_minus_sign(written) if len(written) <= 20 else number_words(number)


def sentences(words: Iterable[str]) -> str:
    """Return sentences in a line; an empty one is none."""
    return " ".join(f"{sentence}." for sentence in words if sentence)


def setting(result: Result) -> str:
    """Return the data cut of a brief result, or analysis, time point, population, data cut and method of another."""
    if result.is_brief:
        return f"Data cut: {shortened(result.data_cut, 200) or 'not stated'}"
    return shortened(setting_words(result), 300)


def named(arm: Arm) -> str:
    """Return the name of an arm with its size."""
    return shortened(plain(arm.name), 80) + (f" (n = {arm.n})" if arm.n else "")


def versus(result: Result) -> str:
    """Return the names of the two arms that an estimate compares; empty if they are not known."""
    return " v ".join(shortened(plain(name), 60) for name in compared_names(result))
