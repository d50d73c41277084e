"""Plots of results, taken to pieces: their rows, marks and axes."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import msgspec

ELEMENTS = {"div", "span", "bdi", "b", "br", "svg", "rect", "line"}
ATTRIBUTES = {
    "class", "role", "aria-label", "aria-hidden", "dir", "style", "x", "y", "x1", "x2", "y1", "y2",
    "width", "height", "opacity",
}  # fmt: skip


class SeenRow(msgspec.Struct, frozen=True):
    """One row: its texts, and the places of its marks in per cent of the width, each by its look."""

    label: str
    sub: str
    value: str
    value_sub: str
    squares: dict[str, float]
    spans: dict[str, tuple[float, float]]
    bars: dict[str, float]
    upright: dict[str, tuple[float, ...]]
    is_open: bool
    is_marked: bool


class SeenPlot:
    """One plot."""

    def __init__(self, root: ET.Element) -> None:
        self.root = root
        self.name = root.attrib["aria-label"]
        self.role = root.attrib["role"]
        self.heading = _text(root, "td-plot-head")
        self.rows = [_row(row) for row in root if "td-row" in _looks(row) and "td-axis" not in _looks(row)]

    @property
    def axis(self) -> ET.Element | None:
        return next((row for row in self.root if "td-axis" in _looks(row)), None)

    @property
    def ticks(self) -> dict[float, float]:
        """The place of every tick, by the number below it, which has a minus sign and no hyphen."""
        assert self.axis is not None
        (marks,) = _of(self.axis, "td-ticks")
        (numbers,) = _of(self.axis, "td-numbers")
        words = ["".join(number.itertext()) for number in numbers]
        assert "-" not in "".join(words)
        places = [_percent(line.attrib["x1"]) for line in marks]
        return dict(zip([float(word.replace("−", "-")) for word in words], places, strict=True))

    @property
    def directions(self) -> list[str]:
        """The words on the sides of no effect, from the left."""
        return (
            []
            if self.axis is None
            else [text for look in ("td-lower", "td-higher") if (text := _text(self.axis, look))]
        )

    @property
    def words(self) -> list[str]:
        """All that a reader sees, in order."""
        return [text for part in self.root.iter() for text in (part.text, part.tail) if text and text.strip()]


def seen_plots(html: str) -> list[SeenPlot]:
    """Take the plots of a card to pieces."""
    root = ET.fromstring(f"<div>{html}</div>".replace("<br>", "<br/>").replace("&nbsp;", "\u00a0"))
    return [SeenPlot(plot) for plot in root if "td-plot" in _looks(plot)]


def seen_plot(html: str) -> SeenPlot:
    """Take the only plot of a card to pieces."""
    (plot,) = seen_plots(html)
    return plot


def _row(row: ET.Element) -> SeenRow:
    parts = list(row.iter())
    lines = [part for part in parts if part.tag == "line"]
    bars = [part for part in parts if "td-bar" in _looks(part) and "td-rail" not in _looks(part)]
    upright: dict[str, tuple[float, ...]] = {}
    for line in lines:
        if (look := _looks(line)[0]) in {"td-null", "td-margin"}:
            upright[look] = (*upright.get(look, ()), _percent(line.attrib["x1"]))
    return SeenRow(
        *_cell(row, "td-label"),
        *_cell(row, "td-value"),
        squares={_looks(part)[1]: _percent(part.attrib["x"]) for part in parts if "td-square" in _looks(part)},
        spans={
            _looks(line)[1]: (_percent(line.attrib["x1"]), _percent(line.attrib["x2"]))
            for line in lines
            if "td-span" in _looks(line)
        },
        bars={_looks(bar)[1]: _percent(bar.attrib["width"]) for bar in bars if "opacity" not in bar.attrib},
        upright=upright,
        is_open=any("opacity" in bar.attrib for bar in bars),
        is_marked="td-marked" in _looks(row),
    )


def _cell(row: ET.Element, look: str) -> tuple[str, str]:
    cells = _of(row, look)
    if not cells:
        return "", ""
    first, *below = cells[0]
    return "".join(first.itertext()), " | ".join(text for part in below for text in part.itertext())


def _of(root: ET.Element, look: str) -> list[ET.Element]:
    return [part for part in root.iter() if look in _looks(part)]


def _text(root: ET.Element, look: str) -> str:
    return "".join(text for part in _of(root, look)[:1] for text in part.itertext())


def _looks(part: ET.Element) -> list[str]:
    return part.get("class", "").split() or [""]


def _percent(value: str) -> float:
    return float(value.removesuffix("%"))


def parts_of(html: str) -> Iterator[ET.Element]:
    """Yield every element of the plots."""
    for plot in seen_plots(html):
        yield from plot.root.iter()
