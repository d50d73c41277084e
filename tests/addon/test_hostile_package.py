"""A package that is none of ours, was changed, or wants harm: it is refused with a line before anything is written."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addon_editions import publish_editions
from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.feed import FeedDeck, Published, parse_feed, parse_published
from trialdeck_addon.core.markup import fault_of, fault_of_style
from trialdeck_addon.core.note_types import NOTE_TYPES, part_digest
from trialdeck_addon.core.package import read_package

QUESTION = 1763853001001
ALL = "SELECT * FROM col"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_editions(tmp_path_factory.mktemp("editions"), count=0)[0].site


@pytest.fixture
def package(site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(site / "packages" / "cold-ember-3.apkg", tmp_path / "0.apkg"))


def deck_of(site: Path) -> FeedDeck:
    deck = parse_feed((site / "feed.json").read_bytes()).deck("cold-ember-3")
    assert deck
    return deck


def published_of(site: Path) -> Published:
    return parse_published((site / "published.json").read_bytes())


def repacked(package: Path, members: Mapping[str, bytes | None]) -> None:
    """Write the package anew with other members; `None` takes one out."""
    with zipfile.ZipFile(package) as old:
        content: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(package, "w") as new:
        for name, data in (content | dict(members)).items():
            if data is not None:
                new.writestr(name, data)


def changed(package: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change the database of a package."""
    database = package.with_suffix(".db")
    with zipfile.ZipFile(package) as archive:
        database.write_bytes(archive.read("collection.anki2"))
    with closing(sqlite3.connect(database)) as connection, connection:
        change(connection)
    repacked(package, {"collection.anki2": database.read_bytes()})


def sql(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.executescript(statement)


def models(change: Callable[[dict[str, Any]], object]) -> Callable[[sqlite3.Connection], object]:
    """Change the note type Trialdeck Question."""

    def apply(connection: sqlite3.Connection) -> None:
        found = json.loads(connection.execute("SELECT models FROM col").fetchone()[0])
        change(found[str(QUESTION)])
        connection.execute("UPDATE col SET models = ?", (json.dumps(found),))

    return apply


def decks(name: str) -> Callable[[sqlite3.Connection], object]:
    def apply(connection: sqlite3.Connection) -> None:
        found = json.loads(connection.execute("SELECT decks FROM col").fetchone()[0])
        for key in found.keys() - {"1"}:
            found[key]["name"] = name
        connection.execute("UPDATE col SET decks = ?", (json.dumps(found),))

    return apply


def set_field(number: int, value: str) -> Callable[[sqlite3.Connection], object]:
    """Change a field of the first note of the type Trialdeck Question."""

    def apply(connection: sqlite3.Connection) -> None:
        query = "SELECT id, flds FROM notes WHERE mid = ? ORDER BY id"
        note_id, fields = connection.execute(query, (QUESTION,)).fetchone()
        values = fields.split("\x1f")
        values[number] = value
        connection.execute("UPDATE notes SET flds = ? WHERE id = ?", ("\x1f".join(values), note_id))

    return apply


DATABASES: dict[str, tuple[Callable[[sqlite3.Connection], object], str]] = {
    "guid of another note": (sql("UPDATE notes SET guid = 'mine' WHERE rowid = (SELECT min(rowid) FROM notes)"),
                             "has a text that is not among those"),
    "text that was not published": (set_field(1, "Give twice the dose."), "not among those that the site"),
    "guid twice": (sql("UPDATE notes SET guid = (SELECT guid FROM notes LIMIT 1)"), "not among those"),
    "another note type": (sql("UPDATE notes SET mid = 1"), "is of a note type that is none of ours"),
    "note type with another id": (sql("UPDATE col SET models = replace(models, '1763853001001', '1763853001002')"),
                                  "its note type 'Trialdeck Question' is none of ours"),
    "a field more": (models(lambda model: model["flds"].append({**model["flds"][0], "name": "X", "ord": 99, "id": 7})),
                     "has other fields or templates than ours"),
    "field of another id": (models(lambda model: model["flds"][0].update(id=7)), "has other fields or templates"),
    "a template more": (models(lambda model: model["tmpls"].append({**model["tmpls"][0], "name": "X", "ord": 1})),
                        "has other fields or templates than ours"),
    "named in HTML": (models(lambda model: model.update(name="<img src=x onerror=alert(1)>")), "has another name"),
    "cards for another deck": (models(lambda model: model["tmpls"][0].update(did=1)), "sends cards to another deck"),
    "script in Anki's browser": (models(lambda model: model["tmpls"][0].update(bqfmt="<script>x</script>")),
                                 "has <script>"),
    "another kind": (models(lambda model: model.update(type=1)), "has other fields or templates than ours"),
    "style that was not published": (models(lambda model: model.update(css="* {display: none}")),
                                     "is none that was published"),
    "another number of fields": (sql("UPDATE notes SET flds = 'a'"), "has another number of fields"),
    "deck of somebody else": (decks("Anatomy::Heart"), "has a card in the deck 'Anatomy::Heart', which is not below"),
    "deck named in HTML": (decks("Landmark Trials::<img src=x onerror=alert(1)>"), "has a card in the deck"),
    "deck without a name": (decks("Landmark Trials::"), "has a card in the deck"),
    "card without a deck": (sql("UPDATE cards SET did = 99"), "is damaged"),
    "card in the default deck": (sql("UPDATE cards SET did = 1"), "has a card in the deck 'Default'"),
    "card without a note": (sql("UPDATE cards SET nid = 99"), "has a card without a note"),
    "card that does not exist": (sql("UPDATE cards SET ord = ord + 1000"), "has a card that"),
    "card as text": (sql("UPDATE cards SET ord = 'a'"), "has a card"),
    "never due": (sql("UPDATE cards SET due = -5"), "one that is never due"),
    "negative id": (sql("UPDATE notes SET id = -id; UPDATE cards SET nid = -nid"), "an id that Anki cannot have"),
    "no collection": (sql("DELETE FROM col"), "it is no collection of Anki"),
    "two collections": (sql(f"CREATE TEMP TABLE t AS {ALL}; UPDATE t SET id = 2; INSERT INTO col SELECT * FROM t"),
                        "it is no collection of Anki"),
    "models as a number": (sql("UPDATE col SET models = 5"), "is damaged"),
    "decks as nonsense": (sql("UPDATE col SET decks = '{'"), "is damaged"),
    "no table of notes": (sql("DROP TABLE notes"), "is damaged"),
    "a trigger": (sql("CREATE TRIGGER t AFTER DELETE ON notes BEGIN DELETE FROM cards; END"), "more than tables: 't'"),
    "a view": (sql("DROP TABLE graves; CREATE VIEW graves AS SELECT 1"), "more than tables: 'graves'"),
}  # fmt: skip


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_is_refused(name: str, site: Path, package: Path) -> None:
    change, line = DATABASES[name]
    changed(package, change)
    refused(package, deck_of(site), published_of(site), line)


def refused(package: Path, deck: FeedDeck, published: Published, line: str) -> None:
    with pytest.raises(TrialdeckError) as raised:
        read_package(package, deck, published)
    said = str(raised.value)
    assert said.startswith("the package of ")
    assert line in said
    assert "\n" not in said
    assert len(said) < 300


TEXTS = {
    "<script>alert(1)</script>": "has <script>",
    "<img src=x onerror=alert(1)>": "runs a script",
    '<img src="https://example.com/spy.gif">': "loads a file from elsewhere",
    '<img src="//example.com/spy.gif">': "loads a file from elsewhere",
    '<p style="background: url(https://example.com/a)">a</p>': "loads a file by its style",
    "<iframe src='https://example.com'></iframe>": "has <iframe>",
    '<a href="javascript:alert(1)">a</a>': "has a link that is no web or mail address",
    "<svg><animate onbegin=alert(1)></svg>": "runs a script",
    '<svg><use href="https://example.com/a.svg#x"></use></svg>': "has <use>",
    "<svg><title><img src=x onerror=alert(1)></title></svg>": "runs a script",
    "<details ontoggle=alert(1) open>": "runs a script",
    "<a>b</a><b": "has an element that does not end",
    '<b title=">': "has an element that does not end",
    "<!-- x -->": "has a comment",
    "<form><input></form>": "has <form>",
    "<style>* {color: red}</style>": "has <style>",
    "<video poster=x></video>": "has <video>",
    '<p title=">" onclick="alert(1)">a</p>': "runs a script",
    "<p/onmouseover=alert(1)>a": "runs a script",
    "<math><mi//xlink:href='data:x,y'></math>": "has <math>",
    "<div style=\"background: image-set('https://example.com/a' 1x)\">a</div>": "loads a file by its style",
    "[sound:https://example.com/spy.mp3]": "has a sound from elsewhere",
    "[sound:../../spy.mp3]": "has a sound from elsewhere",
    "{{c1::a::sound:https://example.com/spy.mp3}}": "has a sound from elsewhere",
    "[latex]\\input{/etc/passwd}[/latex]": "LaTeX",
    "[$]\\input{/etc/passwd}[/$]": "LaTeX",
    "[anki:tts lang=en_US]a[/anki:tts]": "speech",
    r"\(\style{background: url(https://example.com)}{x}\)": "has a formula that makes a link or a style",
    r"&#92;(&#x5c;href{javascript:alert(1)}{x}\)": "has a formula that makes a link or a style",
    '<p title="{{c1::<script>alert(1)</script>}}">a</p>': "has a deletion in an element",
    '{{c1::<p title="a::b<script>alert(1)</script>">}}': "has a deletion in an element",
}
HARMLESS = (
    "", "a < b and c > d", "It binds <strong>dawnin</strong> in ≥&nbsp;9 of 10.", "&lt;script&gt;", "on = off",
    '<a href="https://example.org/?a=1&amp;b=2">x</a>', '<a href="mailto:a@example.org?subject=x">x</a>',
    '<div style="display:grid;grid-template-columns:1fr 2fr"><svg role="img" aria-label="0.7 (a = b)"></svg></div>',
    '<svg><line x1="0" y1="1" x2="2" y2="3"></line><rect x="1" width="2" height="3" opacity=".5"></rect></svg>',
    '<img src="trialdeck-0123456789abcdef0123.png" alt="a forest">', "[sound:trialdeck-0123456789abcdef0123.mp3]",
    "{{c1::adults}} with {{c2::cold hands}}", "onset = 3 days",
    r"\(x < \mathrm{style}\)", r"C:\style", '<a href="https://example.org/a::b">a</a>', '<ol start="2"><li>a</li></ol>',
)  # fmt: skip


@pytest.mark.parametrize("html", TEXTS)
def test_html_that_runs_or_loads_something_is_known(html: str) -> None:
    assert TEXTS[html] in fault_of(html)


@pytest.mark.parametrize("html", HARMLESS)
def test_html_of_ours_is_harmless(html: str) -> None:
    assert fault_of(html) == ""


def test_links_of_templates_may_be_fields() -> None:
    assert fault_of('<a href="{{Report}}{{Tags}}">Report</a>', is_template=True) == ""
    assert fault_of('<a href="{{Report}}{{Tags}}">Report</a>')


TEMPLATES = {
    "<{{Question}}": "has an element that is not written plainly",
    "<p {{Response}}>a</p>": "has an element that is not written plainly",
    "<b{{#Extra}} onclick{{/Extra}}=x>": "has an element that is not written plainly",
    "{{=<% %>=}}<%Question%>": "has an element that is not written plainly",
    r"\({{Question}}\)": "has an element that is not written plainly",
    '<p title="{{Response}}">a</p>': "has a field in title=",
    '<p class="{{Response}}">a</p>': "has a field in class=",
    '<p class="{{#Extra}}"><b class="{{/Extra}} onclick=a">b</b></p>': "has a field in class=",
    '<a href="{{Response}}">a</a>': "has a link that is no web or mail address",
    "{{Question}}{{Response}}": "joins a field",
    "[{{#Extra}}{{Question}}{{/Extra}}": "joins a field",
}


@pytest.mark.parametrize("html", TEMPLATES)
def test_a_template_of_which_fields_could_make_something_else_is_known(html: str) -> None:
    assert TEMPLATES[html] in fault_of(html, is_template=True)


VALUES = {
    "Report": (
        "javascript:alert(1)",
        "&#106;avascript:alert(1)",
        'https://a" autofocus onfocus="alert(1)',
        "file:///x",
    ),
    "Link": ("//example.com", "data:text/html,x", "https://a b"),
    "Perspective": ('x" onmouseover="alert(1)', "a>b"),
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in VALUES for value in VALUES[field]])
def test_what_would_leave_an_attribute_of_a_template_is_refused(
    field: str, value: str, site: Path, package: Path
) -> None:
    changed(package, set_field(list(NOTE_TYPES[QUESTION].fields).index(field), value))
    refused(package, deck_of(site), all_published(site, package), f"in {field}, which no card of ours does")


def test_a_tag_that_would_leave_an_attribute_is_refused(site: Path, package: Path) -> None:
    changed(package, sql("""UPDATE notes SET tags = ' trialdeck::x"autofocus/onfocus="alert(1) '"""))
    refused(package, deck_of(site), published_of(site), "would end an attribute in Tags")


@pytest.mark.parametrize(
    "css",
    [
        "@import 'https://example.com/a.css';",
        "p {background: URL( 'https://a')}",
        "</style><script>",
        r"p {a: \75rl(x)}",
    ],
)
def test_a_style_that_loads_something_is_known(css: str) -> None:
    assert fault_of_style(css)
    assert not fault_of_style("p {color: red; background: url(#a)}")


def test_a_text_that_runs_something_is_refused_though_it_is_published(site: Path, package: Path) -> None:
    changed(package, set_field(1, "<script>alert(1)</script>"))
    refused(
        package, deck_of(site), all_published(site, package), "has <script> in Response, which no card of ours does"
    )


def all_published(site: Path, package: Path) -> Published:
    """What a site says that has published all that the package has."""
    with zipfile.ZipFile(package) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        rows = connection.execute("SELECT guid, mid, flds FROM notes").fetchall()
    notes = {}
    for guid, type_id, fields in rows:
        table = NOTE_TYPES[type_id]
        notes[guid] = frozenset({table.digest(dict(zip(table.fields, fields.split("\x1f"), strict=True)))})
    return replace(published_of(site), notes=notes)


def test_what_is_the_learners_is_refused_though_it_is_published(site: Path, package: Path) -> None:
    place = list(NOTE_TYPES[QUESTION].fields).index("Extra")
    changed(package, set_field(place, "written by an author"))
    refused(package, deck_of(site), all_published(site, package), "has something in Extra, which is the learner's own")


def test_a_template_that_runs_something_is_refused_though_it_is_published(site: Path, package: Path) -> None:
    changed(package, models(lambda model: model["tmpls"][0].update(qfmt="{{Question}}<script>x</script>", afmt="b")))
    published = published_of(site)
    digest = part_digest("{{Question}}<script>x</script>", "b")
    parts = {**published.parts, "5300190000000001": frozenset({digest})}
    refused(package, deck_of(site), replace(published, parts=parts), "a template of Trialdeck Question has <script>")


MEMBERS: dict[str, tuple[Mapping[str, bytes | None], str]] = {
    "a path upward": ({"../evil": b"x"}, "has a file that is none of a package"),
    "an absolute path": ({"/etc/passwd": b"x"}, "has a file that is none of a package"),
    "a program": ({"run.exe": b"x"}, "has a file that is none of a package: 'run.exe'"),
    "exported by Anki": ({"collection.anki21b": b"x"}, "was exported by Anki, and not built by trialdeck"),
    "no collection": ({"collection.anki2": None}, "it is no package of Anki"),
    "no database": ({"collection.anki2": b"x" * 5000}, "is damaged"),
    "an empty database": ({"collection.anki2": b""}, "is damaged"),
    "media that are no list": ({"media": b"[]"}, "its list of media is none"),
    "media that are no JSON": ({"media": b"{"}, "is damaged"),
    "media in a folder": ({"media": b'{"0": "../../x.png"}', "0": b"x"}, "is none of ours: '../../x.png'"),
    "media of the learner": ({"media": b'{"0": "_style.css"}', "0": b"x"}, "a media file that is none of ours"),
    "media that is missing": ({"media": b'{"0": "trialdeck-0123456789abcdef0123.png"}'}, "lacks the file"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEMBERS)
def test_a_file_in_the_package_is_refused(name: str, site: Path, package: Path) -> None:
    members, line = MEMBERS[name]
    repacked(package, members)
    refused(package, deck_of(site), published_of(site), line)


def test_what_is_no_zip_file_is_refused(site: Path, package: Path) -> None:
    package.write_bytes(package.read_bytes()[:3000])
    refused(package, deck_of(site), published_of(site), "is damaged")


def test_a_medium_of_another_content_is_refused_when_it_is_written(site: Path, package: Path) -> None:
    repacked(package, {"media": b'{"0": "trialdeck-0123456789abcdef0123.png"}', "0": b"another content"})
    read = read_package(package, deck_of(site), published_of(site))
    with pytest.raises(TrialdeckError, match="has another content"):
        read.media_content("trialdeck-0123456789abcdef0123.png")


def bomb(package: Path, name: str, megabytes: int) -> None:
    """Put a member into a package that is a thousand times as large as it is packed."""
    repacked(package, {name: None})
    with zipfile.ZipFile(package, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(megabytes):
            file.write(b"\0" * (1 << 20))


@pytest.mark.parametrize(("name", "megabytes"), [("collection.anki2", 66), ("media", 34), ("5", 34)])
def test_what_is_much_larger_than_it_is_packed_is_refused(name: str, megabytes: int, site: Path, package: Path) -> None:
    bomb(package, name, megabytes)
    refused(package, deck_of(site), published_of(site), f"has a file of {megabytes} MB, which is too large")


COMPUTED = {
    "a computed column": """DROP TABLE graves; CREATE TABLE graves (usn integer,
        oid AS (hex(zeroblob(usn))), type integer)""",
    "a computed index": "CREATE INDEX i ON graves (hex(zeroblob(usn)))",
    "a check": "DROP TABLE graves; CREATE TABLE graves (usn integer CHECK (length(hex(zeroblob(usn))) > 0))",
}


@pytest.mark.parametrize("name", COMPUTED)
def test_a_database_that_computes_is_refused(name: str, site: Path, package: Path) -> None:
    changed(package, sql(COMPUTED[name]))
    refused(package, deck_of(site), published_of(site), "has a table that is computed")


def test_more_notes_than_any_package_has_are_refused(site: Path, package: Path) -> None:
    number = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500001) "
    changed(
        package,
        sql(f"DELETE FROM notes; {number} INSERT INTO notes SELECT i, 'g', 1, 0, 0, '', '', 0, 0, 0, '' FROM n"),
    )
    refused(package, deck_of(site), published_of(site), "has 500,001 notes, and 500,000 is the most")


def test_a_package_of_ours_is_read(site: Path, package: Path) -> None:
    read = read_package(package, deck_of(site), published_of(site))
    assert len(read.notes) == 20
    why = next(note for note in read.notes.values() if note.fields["Key"] == "ember-3/question/why")
    assert why.fields["Question"] == "<p>Why does emberol work?</p>"
    assert why.cards == (0,)
    assert why.deck == "Landmark Trials::Cold Trials::EMBER-3"
    assert "trialdeck::trial::ember-3" in why.tags
