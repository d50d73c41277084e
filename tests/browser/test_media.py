"""Pictures and sounds: which files a record may use, what an SVG is stripped of, what a card and a package hold."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from anki_releases import MEDIA, NEWEST, RELEASES, REPORT, Release, answer, run, set_field
from projects import DAY, NOW, Project
from trialdeck.apkg.reader import read_package
from trialdeck.core.problem import Problem
from trialdeck.editions.maintenance import recovered
from trialdeck.notes.footer import figures_html
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.check import check
from trialdeck.records.media.files import LARGEST_PICTURE, LARGEST_SOUND, TYPES, MediaCache, MediaFault, located
from trialdeck.records.media.svg_file import plain_svg
from trialdeck.records.model import Figure, Media

if TYPE_CHECKING:
    from chromium import Reviewer

pytest_plugins = ["chromium"]

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">{}</svg>'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def png(red: int, green: int, blue: int, side: int = 8) -> bytes:
    """A square of one colour."""
    row = b"\0" + bytes((red, green, blue)) * side
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * side)),
        (b"IEND", b""),
    )
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def encoded(form: str) -> bytes:
    """A small picture without metadata."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (9, 90, 200)).save(file, form)
    return file.getvalue()


BLUE, RED = png(9, 90, 200), png(200, 9, 9)
CONTENTS = {
    ".png": BLUE,
    ".jpg": encoded("JPEG"),
    ".jpeg": encoded("JPEG"),
    ".webp": encoded("WEBP"),
    ".svg": SVG.format("<rect width='9' height='9'/>").encode(),
    ".mp3": b"\xff\xfb\x90\x00" + b"\0" * 40,
    ".ogg": b"OggS" + b"\0" * 40,
}


def judged(tmp_path: Path, name: str, content: bytes) -> Media | MediaFault:
    (tmp_path / name).write_bytes(content)
    return MediaCache().media(name, tmp_path)


def code_of(found: Media | Path | MediaFault) -> str:
    return found.code if isinstance(found, MediaFault) else ""


# Files


@pytest.mark.parametrize("ending", TYPES)
def test_a_file_of_every_type_is_taken_under_the_hash_of_its_content(ending: str, tmp_path: Path) -> None:
    media = judged(tmp_path, f"_figure one{ending.upper()}", CONTENTS[ending])
    assert isinstance(media, Media)
    own = "jpg" if ending == ".jpeg" else ending.removeprefix(".")
    assert media.name == f"trialdeck-{sha256(media.content).hexdigest()[:20]}.{own}"
    assert media.is_sound == (ending in {".mp3", ".ogg"})


@pytest.mark.parametrize(
    ("ending", "other"),
    [(one, other) for one in TYPES for other in [*TYPES, ".txt"] if TYPES[one] is not TYPES.get(other)],
)
def test_a_file_with_the_content_of_another_type_is_refused(ending: str, other: str, tmp_path: Path) -> None:
    found = judged(tmp_path, f"figure{ending}", CONTENTS.get(other, b"What is it?"))
    assert code_of(found) == "TD213"
    assert isinstance(found, MediaFault)
    assert TYPES[ending].name in found.message


@pytest.mark.parametrize("ending", TYPES)
def test_an_empty_file_is_refused(ending: str, tmp_path: Path) -> None:
    found = judged(tmp_path, f"figure{ending}", b"")
    assert isinstance(found, MediaFault)
    assert found.message.endswith("but is empty")


@pytest.mark.parametrize(("ending", "largest"), [(".png", LARGEST_PICTURE), (".mp3", LARGEST_SOUND)])
def test_a_file_has_at_most_a_certain_size(ending: str, largest: int, tmp_path: Path) -> None:
    whole = CONTENTS[ending].ljust(largest, b"\0")
    assert code_of(judged(tmp_path, f"just{ending}", whole)) == ""
    assert code_of(judged(tmp_path, f"more{ending}", whole + b"\0")) == "TD214"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("dot.png", ""),
        ("media/dot.png", ""),
        ("../seeds/dot.png", ""),
        ("../figures/dot.png", ""),
        ("link-inside.png", ""),
        ("link-outside.png", "TD212"),
        ("../../dot.png", "TD212"),
        ("/etc/dot.png", "TD212"),
        ("media\\dot.png", "TD212"),
        ("media.png", "TD211"),
        ("absent.png", "TD211"),
        ("absent/dot.png", "TD211"),
        ("loop.png", "TD211"),
        (f"{'a' * 300}.png", "TD211"),
        ("nul\0.png", "TD211"),
        ("dot.gif", "TD213"),
        ("dot", "TD213"),
        ("https://example.org/dot.png", "TD211"),
    ],
)
def test_a_path_stays_inside_the_project(file: str, code: str, tmp_path: Path) -> None:
    seeds = tmp_path / "project" / "seeds"
    for folder in (seeds, seeds / "media", tmp_path, tmp_path / "project" / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dot.png").write_bytes(BLUE)
    (seeds / "media.png").mkdir()
    (seeds / "link-inside.png").symlink_to(seeds / "dot.png")
    (seeds / "link-outside.png").symlink_to(tmp_path / "dot.png")
    (seeds / "loop.png").symlink_to(seeds / "loop.png")
    assert code_of(MediaCache().media(file, seeds)) == code


def test_without_a_project_a_file_stays_in_the_folder_of_its_record(tmp_path: Path) -> None:
    (tmp_path / "dot.png").write_bytes(BLUE)
    (tmp_path / "new").mkdir()
    assert code_of(located("../dot.png", tmp_path / "new")) == "TD212"


@given(st.lists(st.sampled_from(["..", ".", "a", "/", "//", "~", "\\", "C:", " ", "ä"]), max_size=8).map("/".join))
def test_no_path_leads_out(file: str) -> None:
    folder = Path("/no/such/project/seeds/of")
    found = located(file, folder)
    assert isinstance(found, MediaFault) or found.is_relative_to("/no/such/project")


def test_a_file_is_read_once(tmp_path: Path) -> None:
    cache = MediaCache()
    (tmp_path / "dot.png").write_bytes(BLUE)
    first = cache.media("dot.png", tmp_path)
    (tmp_path / "dot.png").write_bytes(RED)
    assert cache.media("./dot.png", tmp_path) is first


# SVG


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>Hi</p></foreignObject>", "holds <foreignObject>"),
        ("<animate attributeName='x'/>", "holds <animate>"),
        ("<g><set attributeName='href' to='javascript:alert(1)'/></g>", "holds <set>"),
        ("<rect onclick='alert(1)'/>", "event handler 'onclick'"),
        ("<rect ONLOAD='alert(1)'/>", "event handler 'ONLOAD'"),
        ("<image href='https://example.org/a.png'/>", "loads 'https://example.org/a.png'"),
        ("<image href='other.png'/>", "loads 'other.png'"),
        ("<image href='data:image/svg+xml;base64,AAAA'/>", "loads 'data:image/svg+xml"),
        (f"<use {XLINK} xlink:href='x.svg#a'/>", "loads 'x.svg#a'"),
        (f"<filter id='f'><feImage {XLINK} xlink:href='//x.org/a'/></filter>", "loads '//x.org/a'"),
        ("<rect style='fill: url(https://x.org/#a)'/>", "loads 'https://x.org/#a'"),
        ("<rect fill='url( \"x.svg#a\")'/>", "loads 'x.svg#a'"),
        ("<rect fill='u\\72l(https://x.org/a)'/>", "has '\\' in its style"),
        ("<style>@import 'https://x.org/a.css';</style>", "has '@import' in its style"),
        ("<style>@\\69mport 'https://x.org/a.css';</style>", "has '\\' in its style"),
        ("<style>rect { fill: image-set('https://x.org/a.png' 1x) }</style>", "has 'image-set(' in its style"),
        ("<g>" * 120 + "</g>" * 120, "nests too deep"),
        ("<g>" * 20_000 + "</g>" * 20_000, "nests too deep"),
        ("<g>", "is not well-formed XML"),
    ],
)
def test_an_svg_that_is_more_than_a_picture_is_refused(inside: str, fault: str) -> None:
    content, said = plain_svg(SVG.format(inside).encode())
    assert content == b""
    assert fault in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<svg viewBox='0 0 1 1'/>", "does not begin with <svg xmlns"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "does not begin with <svg xmlns"),
        (b"<?xml version='1.0' encoding='no-such'?><svg/>", "is not well-formed XML"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'/>", "declares entities"),
        (b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>", "declares entities"),
    ],
)
def test_what_is_no_svg_or_declares_entities_is_refused(content: bytes, fault: str) -> None:
    assert fault in plain_svg(content)[1]


def test_what_no_viewer_shows_is_left_out_and_all_else_stays() -> None:
    drawn = (
        "<title>T &lt; 1</title><defs><linearGradient id='g'><stop offset='0'/></linearGradient></defs>"
        "<style>rect { fill: url(#g) }</style><rect fill='url(#g)' style='opacity: .5'/><use href='#g'/>"
        f"<use {XLINK} xlink:href='#g'/><image href='data:image/png;base64,AAAA'/><text>a<tspan>b</tspan>c</text>"
        "<filter id='f'><feGaussianBlur stdDeviation='2'/></filter>"
    )
    more = (
        "<!-- by hand --><metadata><r:x xmlns:r='urn:r' onload='x'/></metadata>"
        "<i:note xmlns:i='urn:i'>Draft</i:note><a href='https://example.org'><text>a<i:x xmlns:i='urn:i'/>b</text></a>"
    )
    plain, fault = plain_svg(b"<?xml version='1.0'?>\n<!DOCTYPE svg>" + SVG.format(drawn + more).encode())
    assert fault == ""
    text = plain.decode()
    for kept in (
        "T &lt; 1",
        "url(#g)",
        'href="#g"',
        'xlink:href="#g"',
        "data:image/png",
        "<tspan>b</tspan>c",
        "feGauss",
    ):
        assert kept in text
    for dropped in ("<?xml", "DOCTYPE", "by hand", "metadata", "urn:", "note", "Draft", "example.org"):
        assert dropped not in text
    assert "<a><text>ab</text></a>" in text
    assert plain_svg(plain) == (plain, "")


NAMES = st.sampled_from(["g", "script", "rect", "a", "style", "image", "use", "foreignObject", "metadata", "set", "x"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["onload", "href", "xlink:href", "style", "fill", "id", "xml:base"]),
    st.sampled_from(["#a", "javascript:1", "https://x.org", "url(#a)", "url(//x.org)", "@import 'x'", "red", "<&'"]),
    max_size=3,
)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.just([]), lambda inner: st.lists(st.tuples(NAMES, ATTRIBUTES, inner), max_size=3), max_leaves=12
)


def written(tree: Any) -> str:
    return "".join(_element(*each) for each in tree)


def _element(name: str, attributes: dict[str, str], inner: Any) -> str:
    def quoted(value: str) -> str:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")

    pairs = "".join(f" {key}='{quoted(value)}'" for key, value in attributes.items())
    return f"<{name}{pairs}>{written(inner)}</{name}>"


@given(TREES)
def test_whatever_comes_out_holds_nothing_that_acts_and_comes_out_the_same_again(tree: Any) -> None:
    source = SVG.format(written(tree)).replace("<svg ", f"<svg {XLINK} ").encode()
    plain, fault = plain_svg(source)
    assert bool(plain) != bool(fault)
    if fault:
        return
    assert plain_svg(plain) == (plain, "")
    for element in fromstring(plain).iter():
        assert element.tag.partition("}")[2] in {"svg", "g", "rect", "a", "style", "image", "use"}
        for name, value in element.attrib.items():
            assert name in {"href", "{http://www.w3.org/1999/xlink}href", "style", "fill", "id", "viewBox", *SIZE}
            assert "href" not in name or value.startswith("#")
            assert "url(//" not in value
            assert name != "style" or "@import" not in value


SIZE = {"width", "height"}


# Records and cards


FIGURE = '    figures: [{file: blue.png, alt: "Blue [sound:x.mp3] \\"{{c1::dot}}\\"", license: CC BY 4.0'
WITH_PICTURE = "It binds **dawnin**.\n" + FIGURE + ', caption: "How **dawnol** binds", credit: Doe 2020}]\n'
ITEM = """  - {id: short, text: Follow-up was short., cloze: {a: "It was {{c1::short}}."},
     figures: [{file: blue.png, alt: Blue, license: CC0}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a picture on a question."""
    made = Project(tmp_path)
    made.record()
    text = (made.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    made.text("dawn-1", text.replace("It binds **dawnin**.\n", WITH_PICTURE))
    (made.seeds / "blue.png").write_bytes(BLUE)
    return made


def replaced(project: Project, old: str, new: str) -> None:
    text = (project.seeds / "dawn-1.yaml").read_text(encoding="utf-8")
    assert old in text
    project.text("dawn-1", text.replace(old, new))


def name_of(content: bytes, ending: str = "png") -> str:
    return f"trialdeck-{sha256(content).hexdigest()[:20]}.{ending}"


def members(project: Project, package: str = "dawn-1") -> dict[str, bytes]:
    """The media of a package, by the names that they get in Anki."""
    with zipfile.ZipFile(project.decks / f"{package}.apkg") as archive:
        names = json.loads(archive.read("media"))
        return {name: archive.read(number) for number, name in names.items()}


def faults(project: Project) -> list[Problem]:
    return list(check([project.seeds]).problems)


def test_a_picture_stands_below_the_answer_with_caption_credit_and_licence(project: Project) -> None:
    project.build()
    note = project.opened("dawn-1").notes["dawn-1/question/why"]
    assert note["Picture"] == (
        f'<img src="{name_of(BLUE)}" alt="Blue &#91;sound:x.mp3] &quot;&#123;&#123;c1::dot&#125;&#125;&quot;">'
        '<figcaption class="td-cut" dir="auto">How <strong>dawnol</strong> binds<br>Doe 2020 · CC BY 4.0</figcaption>'
    )
    assert members(project) == {name_of(BLUE): BLUE}


def test_figures_of_items_stand_on_the_section_and_on_their_statements(project: Project) -> None:
    replaced(project, "  - {id: short, text: Follow-up was short.}\n", ITEM)
    project.build()
    notes = project.opened("dawn-1").notes
    shown = {key for key, fields in notes.items() if name_of(BLUE) in fields["Picture"]}
    assert shown == {"dawn-1/question/why", "dawn-1/limitations/points", "dawn-1/limitations/short/cloze/a"}
    assert list(members(project)) == [name_of(BLUE)]


def test_a_figure_of_a_result_stands_below_its_plot_and_one_of_the_record_below_its_summary(project: Project) -> None:
    figure = "figures: [{file: blue.png, alt: Blue, license: CC0}]\n"
    replaced(project, "    unit: months\n", f"    unit: months\n    {figure}")
    replaced(project, "summary: Dawnol delayed relapse.\n", f"summary: Dawnol delayed relapse.\n{figure}")
    project.build()
    notes = project.opened("dawn-1").notes
    assert notes["dawn-1/summary"]["Picture"].startswith("<img ")
    picture = notes["dawn-1/result/rfs"]["Picture"]
    assert 0 <= picture.rindex("<svg") < picture.index("</div><img ")


def test_a_sound_is_played_and_its_words_can_be_read(tmp_path: Path) -> None:
    sound = judged(tmp_path, "voice.mp3", CONTENTS[".mp3"])
    assert isinstance(sound, Media)
    html = figures_html([Figure("voice.mp3", "Say [sound:no]\n dawn-ol", "CC0", media=sound)])
    name = name_of(CONTENTS[".mp3"], "mp3")
    words = '<figcaption class="td-cut" dir="auto">Say &#91;sound:no] dawn-ol<br>CC0</figcaption>'
    assert html == f"<p>[sound:{name}]</p>{words}"


def test_no_front_shows_a_picture() -> None:
    # A retired card shows everything on its front: it asks nothing any more.
    fronts = [
        re.sub(r"(?s){{#Retired}}.*?{{/Retired}}", "", each.front)
        for kind in Kind
        for each in note_type(kind).templates
    ]
    assert not [front for front in fronts if "{{Picture}}" in front]
    assert all("td-ask" in front for front in fronts)


def test_the_same_content_is_one_file_and_a_package_has_only_its_own(project: Project) -> None:
    (project.seeds / "same.png").write_bytes(BLUE)
    (project.seeds / "red.png").write_bytes(RED)
    project.record("noon-1", short="  - {id: short, text: T, figures: [{file: red.png, alt: R, license: CC0}]}\n")
    figures = "[{file: same.png, alt: B, license: CC0}]"
    project.record("dusk-1", short=f"  - {{id: short, text: T, figures: {figures}}}\n")
    assert faults(project) == []
    project.build()
    assert members(project, "dawn-1") == members(project, "dusk-1") == {name_of(BLUE): BLUE}
    assert members(project, "noon-1") == {name_of(RED): RED}
    project.define("all", "name: All", "split: none")
    project.build(NOW, "all")
    assert members(project, "all") == dict(sorted({name_of(BLUE): BLUE, name_of(RED): RED}.items()))
    project.define("some", "name: Some", "split: none", "select: {perspectives: [reviewer], trials: [dawn-1]}")
    project.build(NOW, "some")
    assert members(project, "some") == {}


def test_only_what_gets_smaller_is_deflated_and_the_bytes_are_the_same_every_time(project: Project) -> None:
    drawing = SVG.format("<!-- by hand -->" + "<rect width='9' height='9'/>" * 200).encode()
    (project.seeds / "drawn.svg").write_bytes(drawing)
    replaced(project, FIGURE, FIGURE.replace("[{", "[{file: drawn.svg, alt: Squares, license: CC0}, {"))
    project.build()
    first = (project.decks / "dawn-1.apkg").read_bytes()
    with zipfile.ZipFile(project.decks / "dawn-1.apkg") as archive:
        kinds = {info.filename: (info.compress_type, info.date_time) for info in archive.infolist()}
        names = json.loads(archive.read("media"))
    for number, name in names.items():
        stored = zipfile.ZIP_DEFLATED if name.endswith(".svg") else zipfile.ZIP_STORED
        assert kinds[number] == (stored, (1980, 1, 1, 0, 0, 0))
    assert list(names.values()) == sorted(names.values())
    assert b"by hand" not in b"".join(members(project).values())
    project.build(NOW + DAY)
    assert (project.decks / "dawn-1.apkg").read_bytes() == first


def test_a_changed_picture_changes_its_note_and_no_other(project: Project) -> None:
    project.build()
    former = project.ledger
    (project.seeds / "blue.png").write_bytes(RED)
    project.build(NOW + DAY)
    changed = {line.key for line in project.ledger.notes if line != former.lines[line.guid]}
    assert changed == {"dawn-1/question/why"}
    assert members(project) == {name_of(RED): RED}


def test_a_recovered_ledger_has_the_same_hashes(project: Project) -> None:
    project.build()
    found = recovered([read_package(project.decks / "dawn-1.apkg")])
    assert {line.key: line.hash for line in found.notes} == {line.key: line.hash for line in project.ledger.notes}


def test_a_file_that_no_record_uses_is_a_warning(project: Project) -> None:
    (project.seeds / "media").mkdir()
    (project.seeds / "media" / "left.PNG").write_bytes(RED)
    (project.seeds / "media" / "notes.txt").write_text("Not a picture.", encoding="utf-8")
    (problem,) = faults(project)
    assert (problem.code, problem.path) == ("TD408", (project.seeds / "media" / "left.PNG").as_posix())
    assert check([project.seeds / "dawn-1.yaml"]).problems == ()
    replaced(project, "format: 1\n", "format: [\n")
    assert "TD408" not in {each.code for each in faults(project)}


def test_figures_that_no_card_shows_are_a_warning(project: Project) -> None:
    figure = "figures: [{file: blue.png, alt: Blue, license: CC0}]"
    replaced(project, "summary: Dawnol delayed relapse.\n", f"{figure}\n")
    replaced(project, "cards: [summary, ", "cards: [")
    replaced(project, "results:\n", f"results:\n  - {{id: none, endpoint: Death, {figure}}}\n")
    assert [each.code for each in faults(project)] == ["TD409", "TD404", "TD409"]


@pytest.mark.parametrize("is_asked", [True, False])
@pytest.mark.parametrize("place", ["record", "point", "result", "question"])
def test_figures_of_what_is_for_reading_are_a_warning(project: Project, place: str, *, is_asked: bool) -> None:
    figure = "figures: [{file: blue.png, alt: Blue, license: CC0}]"
    card = f"card: {str(is_asked).lower()}"
    old, new = {
        "record": ("summary: D", f"{figure}\nsummary: D"),
        "point": ("Follow-up was short.}", f"Follow-up was short., {figure}, {card}}}"),
        "result": ("    unit: months\n", f"    unit: months\n    {figure}\n    {card}\n"),
        "question": ("  - id: whom\n", f"  - id: whom\n    {figure}\n    {card}\n"),
    }[place]
    replaced(project, old, new)
    if not is_asked:
        replaced(project, "cards: [summary, ", "cards: [")
    assert [each.code for each in faults(project)] == ([] if is_asked else ["TD409"])
    project.build()
    pictures = [fields["Picture"] for fields in project.opened("dawn-1").notes.values()]
    assert sum(name_of(BLUE) in picture for picture in pictures) == 1 + is_asked


# The real Anki


@pytest.mark.parametrize("release", [RELEASES[0], NEWEST], ids=str)
def test_anki_keeps_the_files_and_brings_a_changed_one(release: Release, project: Project, tmp_path: Path) -> None:
    (project.seeds / "voice.mp3").write_bytes(CONTENTS[".mp3"])
    (project.seeds / "drawn.svg").write_bytes(CONTENTS[".svg"])
    others = "{file: voice.mp3, alt: dawn-ol, license: CC0}, {file: drawn.svg, alt: D, license: CC0}"
    replaced(project, FIGURE, FIGURE.replace("[{", f"[{others}, {{"))
    first, second = tmp_path / "first.apkg", tmp_path / "second.apkg"
    project.build(NOW - 30 * DAY)
    first.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    before = members(project)
    (project.seeds / "blue.png").write_bytes(RED)
    project.build(NOW - 20 * DAY)
    second.write_bytes((project.decks / "dawn-1.apkg").read_bytes())
    guids = project.opened("dawn-1").guids
    edit = set_field(guids["dawn-1/question/whom"], "Extra", "Mine")
    _, media, _, _, _, later, report = run(release, first, MEDIA, answer(5), edit, second, MEDIA, REPORT)
    hashes = {name: sha256(content).hexdigest() for name, content in before.items()}
    assert len(hashes) == 3
    assert media["files"] == hashes
    assert (media["missing"], media["unused"]) == ([], [])
    assert later["files"] == hashes | {name_of(RED): sha256(RED).hexdigest()}
    assert (later["missing"], later["unused"]) == ([], [name_of(BLUE)])
    assert f'src="{name_of(RED)}"' in report.cards_of("dawn-1/question/why")[0].answer
    assert report.note("dawn-1/question/whom").fields["Extra"] == "Mine"


# A real browser


def test_pictures_are_shown_on_a_phone_and_a_hostile_svg_does_nothing(
    reviewer: Callable[[int], "Reviewer"], project: Project
) -> None:
    wide = SVG.replace("width='9'", "").format("<rect width='9' height='9'/>").replace('width="9"', 'width="4000"')
    hostile = SVG.format(
        "<script>fetch('https://x.invalid/s'); alert(1)</script>"
        "<image href='https://x.invalid/i.png' onerror='alert(2)'/>"
        "<style>@import 'https://x.invalid/c.css';</style><foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml'"
        " src='https://x.invalid/f'/></foreignObject><rect width='9' height='9' onload='alert(3)'/>"
    )
    assert plain_svg(hostile.encode())[1] != ""
    (project.seeds / "wide.svg").write_text(wide, encoding="utf-8")
    replaced(project, FIGURE, FIGURE.replace("[{", "[{file: wide.svg, alt: Wide, license: CC0}, {"))
    project.build()
    kind = note_type(Kind.QUESTION)
    picture = project.opened("dawn-1").notes["dawn-1/question/why"]["Picture"]
    side = f'<article class="td"><figure class="td-picture">{picture}<img src="hostile.svg" alt=""></figure></article>'
    page = reviewer(320)
    files = members(project) | {"hostile.svg": hostile.encode()}

    def answered(route: Any) -> None:
        name = route.request.url.rpartition("/")[2]
        mime = "image/svg+xml" if name.endswith(".svg") else "image/png"
        route.fulfill(body=files[name], content_type=mime)

    page.page.route(re.compile(r"^http://card\.invalid/.+"), answered)
    shown = page.show(side, kind.style)
    page.page.wait_for_function("[...document.images].every(each => each.complete)")
    looks = page.page.evaluate("[...document.images].map(each => [each.naturalWidth > 0, each.width <= 320])")
    assert looks == [[True, True]] * 3
    assert max(shown.widths) <= 320
    assert page.did == []
