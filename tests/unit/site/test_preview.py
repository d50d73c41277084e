"""The preview picture of a trial: an SVG with text in it, and the same as PNG."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from conftest import RECORD
from trialdeck.site import preview
from trialdeck.site.preview import HEIGHT, WIDTH, preview_png, preview_svg, preview_words
from trials import trial

LONG = "A Very Long Title of a Trial without an Acronym " * 6
POOR = f"format: 1\nid: x\ntitle: {LONG}\ntested: Dawnol & <more>\npopulation: Adults\n"


def words_in(svg: str) -> list[str]:
    """The lines of text in an SVG, which is well-formed."""
    root = ET.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_it_shows_the_primary_result_large_with_its_interval_and_its_arms() -> None:
    svg = preview_svg(trial(RECORD))
    words = words_in(svg)
    assert words[:3] == ["DAWN-1", "Dawnol for Example Disease", "Relapse-free survival"]
    assert {"0.70", "hazard ratio", "95% CI 0.60–0.90", "dawnol · n = 100", "12.0 months", "not reached"} < set(words)
    assert words[-2:] == ["NCT00000001", "Not yet reviewed"]
    sizes = [float(size) for size in re.findall(r'font-size="(\d+)"', svg)]
    assert max(sizes) == 150


def test_it_says_what_it_shows_in_words() -> None:
    assert preview_words(trial(RECORD)) == (
        "DAWN-1: Dawnol for Example Disease. Relapse-free survival: hazard ratio 0.70 (95% CI 0.60–0.90)"
    )


def test_a_record_without_effects_shows_shares_or_statements() -> None:
    shares = RECORD.replace(
        "measure: hazard ratio\n    estimate: 0.70\n    ci: [0.60, 0.90]\n    ci_level: 95\n    ", ""
    )
    shares = shares.replace("median: 12.0", "events: 10").replace("median: not reached", "events: 20")
    assert "10.0 v 20.2%" in words_in(preview_svg(trial(shares)))
    assert "worked out" in words_in(preview_svg(trial(shares)))
    words = words_in(preview_svg(trial(POOR)))
    assert {"Tested", "Dawnol & <more>", "In", "Adults"} < set(words)


def test_a_disputed_record_says_so() -> None:
    changed = {"review: {status: unreviewed}": "review: {status: disputed, by: A, on: 2026-01-01, reason: Wrong.}"}
    assert words_in(preview_svg(trial(RECORD, changed)))[-1] == "Disputed"


@pytest.mark.parametrize("text", [RECORD, POOR], ids=["full", "poor"])
def test_a_png_is_drawn_from_it_with_every_letter_inside(text: str) -> None:
    picture = Image.open(io.BytesIO(preview_png(preview_svg(trial(text)))))
    assert (picture.size, picture.format) == ((WIDTH, HEIGHT), "PNG")
    edge = picture.convert("RGB").crop((WIDTH - 40, 0, WIDTH, HEIGHT))
    assert len(edge.getcolors(99) or ()) == 1, "a line of text runs out of the picture"


def test_the_same_record_gives_the_same_bytes() -> None:
    assert preview_png(preview_svg(trial(RECORD))) == preview_png(preview_svg(trial(RECORD)))


def test_without_the_extra_there_is_no_png(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "HAS_PNG", False)
    with pytest.raises(RuntimeError, match="extra `preview`"):
        preview_png("<svg/>")
