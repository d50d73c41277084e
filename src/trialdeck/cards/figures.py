"""Figures as the HTML below an answer: a picture or a sound, with its caption, who made it, and its licence."""

from collections.abc import Iterable

from trialdeck.cards.markup import render_inline, render_plain
from trialdeck.cards.svg import in_attribute
from trialdeck.records.model import Figure, Media


def figures_html(figures: Iterable[Figure]) -> str:
    """Return the HTML of the figures whose files were read, one below the other."""
    return "".join(_figure(figure, figure.media) for figure in figures if figure.media)


def media_names(figures: Iterable[Figure]) -> tuple[str, ...]:
    """Return the names, in packages, of the files that the figures show, in their order."""
    return tuple(figure.media.name for figure in figures if figure.media)


def _figure(figure: Figure, media: Media) -> str:
    # Anki plays what stands between these brackets; the words of a sound are for all to read.
    sound = f"<p>[sound:{media.name}]</p>"
    picture = f'<img src="{media.name}" alt="{in_attribute(_in_one_line(figure.alt))}">'
    lines = [
        render_inline(figure.caption),
        render_plain(_in_one_line(figure.alt)) if media.is_sound else "",
        render_plain(" · ".join(filter(None, map(_in_one_line, (figure.credit, figure.license))))),
    ]
    caption = f'<figcaption class="td-cut">{"<br>".join(filter(None, lines))}</figcaption>'
    return f"{sound if media.is_sound else picture}{caption}"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
