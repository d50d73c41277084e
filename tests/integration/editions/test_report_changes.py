"""Differences as text, JSON and Markdown, and the command that prints them."""

import json
import re
from html import escape
from pathlib import Path

import click
import genanki
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from trialdeck.cli.output.diff import changes_text
from trialdeck.cli.packages.diff import diff
from trialdeck.core.text import printable
from trialdeck.editions.compare.diff import Changes, FieldChange, Move, NoteChange, NoteState
from trialdeck.editions.compare.note_type_diff import Names, TypeChange, TypeChanges
from trialdeck.editions.compare.word_diff import abridged, field_difference
from trialdeck.editions.report.as_json import changes_json
from trialdeck.editions.report.as_markdown import changes_markdown
from trialdeck.editions.report.wording import summary

NONE = Changes((), (), (), (), (), (), TypeChanges((), (), ()))


def note(name: str = "dawn-1/question/why", **more: object) -> NoteState:
    made = NoteState(f"guid of {name}", name, "Trialdeck Question", {"Question": "<p>Why?</p>"}, (), ("A::B",))
    return replace(made, **more)


def changed(before: str, after: str) -> Changes:
    return replace(NONE, changed=(NoteChange(note(), (FieldChange("Response", before, after),), (), ()),))


EVERYTHING = Changes(
    new=(note("dawn-1/question/new"), note("Only a name", fields={"F": "Only a name"})),
    changed=(
        NoteChange(
            note("dawn-1/question/changed"),
            (
                FieldChange("Response", "<p>It binds <b>dawnin</b>.</p>", "<p>It blocks <b>dawnin</b>.</p>"),
                FieldChange("Extra", "<b>x</b>", "<i>x</i>"),
            ),
            ("added",),
            ("removed",),
            "Basic",
        ),
        NoteChange(note("dawn-1/question/unknown", fields=None), None, (), ()),
    ),
    moved=(Move(note("dawn-1/question/moved"), ("A::B", "C"), ("A::D",)),),
    retired=(note("dawn-1/question/retired", retired="2026-11-23"),),
    returned=(note("dawn-1/question/returned"),),
    gone=(note("dawn-1/question/gone"),),
    note_types=TypeChanges(
        ("Fresh",),
        ("Former",),
        (TypeChange("Basic", Names(("F",), ("F", "G")), Names(("1",), ("1", "2")), ("1",), style=True),),
    ),
)

TEXT = """\
new:
  dawn-1/question/new: Why?
  Only a name
changed:
  dawn-1/question/changed: Why?
    note type: [-Basic-] {+Trialdeck Question+}
    Response: It [-binds-]{+blocks+} dawnin.
    Extra (markup only): [-<b>-]{+<i>+}x[-</b>-]{+</i>+}
    tags: [-removed-] {+added+}
  dawn-1/question/unknown
    the former text is not known
moved:
  dawn-1/question/moved: A::B, C → A::D
retired:
  dawn-1/question/retired: Why?
returned:
  dawn-1/question/returned: Why?
gone (Anki keeps these notes):
  dawn-1/question/gone: Why?
note types:
  Fresh: new
  Former: gone
  Basic: fields: F → F, G; templates: 1 → 1, 2; changed templates: 1; changed style
2 new, 2 changed, 1 retired, 1 returned, 1 moved, 1 gone, 3 note types changed
"""

MARKDOWN = r"""## New

- **dawn-1/question/new**: Why?
- **Only a name**

## Changed

- **dawn-1/question/changed**: Why?
  - note type: ~~Basic~~ **Trialdeck Question**
  - Response: It ~~binds~~ **blocks** dawnin.
  - Extra (markup only): ~~\<b\>~~ **\<i\>** x ~~\</b\>~~ **\</i\>**
  - tags: ~~removed~~ **added**
- **dawn-1/question/unknown**
  - the former text is not known

## Moved

- **dawn-1/question/moved**: A::B, C → A::D

## Retired

- **dawn-1/question/retired**: Why?

## Returned

- **dawn-1/question/returned**: Why?

## Gone (Anki keeps these notes)

- **dawn-1/question/gone**: Why?

## Note types

- Fresh: new
- Former: gone
- Basic: fields: F → F, G; templates: 1 → 1, 2; changed templates: 1; changed style

2 new, 2 changed, 1 retired, 1 returned, 1 moved, 1 gone, 3 note types changed."""


def test_everything_as_text() -> None:
    assert plain(EVERYTHING) == TEXT


def plain(changes: Changes) -> str:
    return "".join(f"{click.unstyle(line)}\n" for line in changes_text(changes))


def test_colour_comes_on_top() -> None:
    (line,) = (line for line in changes_text(changed("old", "new")) if "Response" in line)
    assert click.style("[-old-]", fg="red", strikethrough=True) in line
    assert click.style("{+new+}", fg="green") in line


def test_no_text_of_a_card_steers_a_terminal() -> None:
    nasty = "\x1b[31m\u202e"
    hostile = note(f"name{nasty}", fields={"F": f"label{nasty}"}, note_type=f"type{nasty}", retired=nasty)
    changes = Changes(
        (hostile,),
        (NoteChange(hostile, (FieldChange(nasty, f"a{nasty}", f"b{nasty}"),), (nasty,), (nasty,), nasty),),
        (Move(hostile, (nasty,), (nasty, "x")),),
        (hostile,),
        (hostile,),
        (hostile,),
        TypeChanges((nasty,), (nasty,), (TypeChange(nasty, Names((nasty,), ()), None, (nasty,), style=True),)),
    )
    assert all(char.isprintable() or char == "\n" for char in plain(changes))
    assert all(char.isprintable() or char == "\n" for char in changes_markdown(changes))


def test_long_unchanged_texts_are_shortened() -> None:
    words = " ".join(f"w{number}" for number in range(40))
    assert "Response: … w32 w33 w34 w35 w36 w37 w38 w39{+ end+}" in plain(changed(words, f"{words} end"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (NONE, "no differences"),
        (replace(NONE, new=(note(),)), "1 new, 0 changed, 0 retired, 0 moved, 0 note types changed"),
        (
            replace(NONE, note_types=TypeChanges(("x",), (), ())),
            "0 new, 0 changed, 0 retired, 0 moved, 1 note type changed",
        ),
    ],
)
def test_the_closing_line(changes: Changes, expected: str) -> None:
    assert summary(changes) == expected
    assert plain(changes).splitlines()[-1] == expected


def test_everything_as_json() -> None:
    document = json.loads(changes_json(EVERYTHING))
    parts = ["new", "changed", "moved", "retired", "returned", "gone", "note_types"]
    assert list(document) == [*parts, "summary", "facts", "release"]
    known = {"guid": "guid of dawn-1/question/changed", "name": "dawn-1/question/changed"}
    known |= {"note_type": "Trialdeck Question", "label": "Why?"}
    assert document["changed"][0] == {
        **known,
        "former_note_type": "Basic",
        "fields": [
            {
                "name": "Response",
                "before": "<p>It binds <b>dawnin</b>.</p>",
                "after": "<p>It blocks <b>dawnin</b>.</p>",
            },
            {"name": "Extra", "before": "<b>x</b>", "after": "<i>x</i>"},
        ],
        "tags_added": ["added"],
        "tags_removed": ["removed"],
        "sent": True,
    }
    assert document["changed"][1]["fields"] is None
    assert (document["moved"][0]["before"], document["moved"][0]["after"]) == (["A::B", "C"], ["A::D"])
    assert document["retired"][0]["retired"] == "2026-11-23"
    assert document["note_types"] == {
        "new": ["Fresh"],
        "gone": ["Former"],
        "changed": [
            {
                "name": "Basic",
                "fields": {"before": ["F"], "after": ["F", "G"]},
                "templates": {"before": ["1"], "after": ["1", "2"]},
                "templates_changed": ["1"],
                "style": True,
            }
        ],
    }
    assert document["summary"] == {
        "new": 2, "changed": 2, "retired": 1, "returned": 1, "moved": 1, "gone": 1, "note_types": 3,
        "facts": 0,
    }  # fmt: skip


def test_everything_as_markdown() -> None:
    assert changes_markdown(EVERYTHING) == MARKDOWN


def test_nothing_as_markdown() -> None:
    assert changes_markdown(NONE) == "No differences."


@pytest.mark.parametrize("text", ["$5 and $6", "@someone", "see #12"])
def test_what_github_reads_in_a_text_means_nothing(text: str) -> None:
    line = changes_markdown(changed("", text)).splitlines()[3]
    assert re.search(r"(?<!<span>)(\$|@|#\d)", line) is None


SPECIAL = st.text(st.sampled_from("ab *_~`[]()<>&;!#$@\\|{}:/.-+1lt")) | st.text()


def as_shown(markdown: str) -> BeautifulSoup:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return BeautifulSoup(parser.render(markdown), "html.parser")


def squeezed(text: str) -> str:
    return " ".join(text.split())


@given(SPECIAL, SPECIAL)
def test_markdown_shows_the_words_as_they_are(before: str, after: str) -> None:
    # As texts of cards, so that nothing in them is HTML.
    change = FieldChange("Response", escape(f"x {before} y"), escape(f"x {after} y"))
    pieces = abridged(field_difference(change.before, change.after).pieces)
    document = as_shown(changes_markdown(replace(NONE, changed=(NoteChange(note(), (change,), (), ()),))))
    (shown,) = (item.get_text().partition(":")[2] for item in document.select("li li"))
    assert bare(shown) == bare("".join(printable(squeezed(piece.text)) for piece in pieces))


def bare(text: str) -> str:
    return "".join(text.split())


@given(SPECIAL)
def test_markdown_strikes_out_and_marks_whole_words(text: str) -> None:
    removed = as_shown(changes_markdown(replace(NONE, changed=(NoteChange(note(), (), ("in" + text,), (text,)),))))
    if text.strip():
        assert squeezed(removed.select("li li s")[0].get_text())
    assert squeezed(removed.select("li li strong")[-1].get_text()).startswith("in")


@given(SPECIAL.map(str.strip).filter(bool))
def test_markdown_shows_names_as_they_are(name: str) -> None:
    shown = as_shown(changes_markdown(replace(NONE, new=(note(name, fields=None),)))).select("li strong")[0]
    printed = changes_text(replace(NONE, new=(note(squeezed(name), fields=None),)))
    assert shown.get_text().strip() == click.unstyle(list(printed)[1]).strip()


# --- the command


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(diff, [str(argument) for argument in arguments])


@pytest.fixture
def packages(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "old.apkg", tmp_path / "new.apkg")
    for path, answer in zip(paths, ("Lima", "Cusco"), strict=True):
        model = genanki.Model(1, "Simple", fields=[{"name": "Question"}, {"name": "Answer"}],
                              templates=[{"name": "1", "qfmt": "{{Question}}", "afmt": "{{Answer}}"}])  # fmt: skip
        deck = genanki.Deck(2, "Capitals")
        deck.add_note(genanki.Note(model, ["Peru?", answer], guid="peru"))
        genanki.Package(deck).write_to_file(path, timestamp=1_700_000_000)
    return paths


def test_diff_prints_text(packages: tuple[Path, Path]) -> None:
    done = run(*packages)
    assert done.exit_code == 0
    assert done.output == (
        "changed:\n  Peru?\n    Answer: [-Lima-]{+Cusco+}\n0 new, 1 changed, 0 retired, 0 moved, 0 note types changed\n"
    )


def test_note_types_of_one_name_are_told_apart_by_id(tmp_path: Path) -> None:
    """The note changes from one to the other; then one of them is gone."""

    def write(name: str, of_peru: int, ids: tuple[int, ...]) -> Path:
        models = {
            each: genanki.Model(each, "Basic", fields=[{"name": "Front"}, {"name": "Back"}],
                                templates=[{"name": "1", "qfmt": "{{Front}}", "afmt": "{{Back}}"}], css=f".a{each}")
            for each in ids
        }  # fmt: skip
        deck = genanki.Deck(2, "Capitals")
        deck.add_note(genanki.Note(models[of_peru], ["Peru?", "Lima"], guid="peru"))
        for each, model in models.items():
            deck.add_note(genanki.Note(model, [f"{each}?", "!"], guid=str(each)))
        genanki.Package(deck).write_to_file(tmp_path / name, timestamp=1_700_000_000)
        return tmp_path / name

    both, moved, one = write("a.apkg", 11, (11, 12)), write("b.apkg", 12, (11, 12)), write("c.apkg", 11, (11,))
    assert run(both, both).output == "no differences\n"
    assert run(both, moved).output == (
        "changed:\n  Peru?\n    note type: [-Basic (id 11)-] {+Basic (id 12)+}\n"
        "0 new, 1 changed, 0 retired, 0 moved, 0 note types changed\n"
    )
    assert "note types:\n  Basic (id 12): gone\n" in run(both, one).output
    assert "Basic (id 12): new\n" in run(one, both).output
    assert run(one, one).output == "no differences\n"


def test_diff_prints_json_and_markdown(packages: tuple[Path, Path]) -> None:
    assert json.loads(run("--format", "json", *packages).output)["summary"]["changed"] == 1
    assert "- **Peru?**\n  - Answer: ~~Lima~~ **Cusco**\n" in run("--format", "markdown", *packages).output


def test_diff_of_the_same(packages: tuple[Path, Path]) -> None:
    done = run(packages[0], packages[0])
    assert (done.exit_code, done.output) == (0, "no differences\n")


@pytest.mark.parametrize("count", [1, 3])
def test_diff_takes_two_packages_or_none(count: int, packages: tuple[Path, Path]) -> None:
    done = run(*[packages[0]] * count)
    assert done.exit_code == 2
    assert "name two packages" in done.output
