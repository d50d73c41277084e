"""The release notes, EDITIONS.md: between marks, what each edition brought; everything else is the author's."""

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from projects import DAY, NOW, Project
from trialdeck.core.errors import TrialdeckError
from trialdeck.editions.ledger import Ledger, Line, sorted_lines
from trialdeck.editions.release_notes import News, release_notes
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, NoteType, note_type
from trialdeck.project import next_ledger as ledgers

LATER = NOW + DAY


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.record("dawn-1")
    return made


def line(key: str, edition: str, *, since: str = "", label: str = "", retired: str = "", time: int = NOW) -> Line:
    return Line(
        key=key,
        guid=guid_of(key),
        hash="0",
        created=NOW,
        changed=time,
        since=since or edition,
        edition=edition,
        retired=retired,
        kind="question",
        label=label,
    )


def released(former: str, ledger: Ledger, edition: str) -> str:
    """The release notes after an edition of this ledger."""
    news = News(edition)
    for _, lines in groupby(sorted_lines(ledger.lines.values()), key=lambda line: line.trial):
        news.add(list(lines))
    return release_notes(former, news)


def ledger_of(*lines: Line) -> Ledger:
    return Ledger({each.guid: each for each in lines})


def headings(text: str) -> list[str]:
    return re.findall(r"(?m)^## (.*)$", text)


# what stands in a section


def test_the_first_edition(project: Project) -> None:
    project.build()
    assert project.notes == (
        "# Editions\n\n## 2026-09-21\n\n"
        "<!-- edition 2026-09-21: what follows is rewritten by every build of it -->\n"
        "In Anki: `tag:trialdeck::edition::2026-09-21`\n\n"
        "**New**\n\n"
        "- `dawn-1`: 9 notes\n"
        "- DUSK-2 (`dusk-2/trial`)\n"
        "<!-- end of edition 2026-09-21 -->\n"
    )


def test_new_changed_and_retired(project: Project) -> None:
    project.build()
    project.edit("dawn-1", why="")
    project.edit("dawn-1", summary="Dawnol delayed relapse for long.\n")
    project.edit("dawn-1", takeaway="{id: stop, text: Stop late., card: true, audience: [fellow]}\n  - {id: start,")
    project.build(LATER)
    assert headings(project.notes) == ["2026-09-22", "2026-09-21"]
    section = project.notes.split("## ")[1]
    assert section == (
        "2026-09-22\n\n<!-- edition 2026-09-22: what follows is rewritten by every build of it -->\n"
        "In Anki: `tag:trialdeck::edition::2026-09-22`\n\n"
        "**New**\n\n- What should a fellow take away from DAWN-1? (`dawn-1/takeaway/stop`)\n\n"
        "**Changed**\n\n- What did DAWN-1 show? (`dawn-1/summary`)\n- DAWN-1 (`dawn-1/trial`)\n\n"
        "**Retired**\n\n- Why does dawnol work? (`dawn-1/question/why`)\n"
        "<!-- end of edition 2026-09-22 -->\n\n"
    )


def test_the_look_of_the_cards(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.build()

    def restyled(kind: Kind) -> NoteType:
        return replace(note_type(kind), style=".card {}") if kind is Kind.CLOZE else note_type(kind)

    monkeypatch.setattr(ledgers, "note_type", restyled)
    monkeypatch.setenv("TRIALDECK_CACHE", str(project.decks / "another-cache"))
    project.build(LATER)
    assert "**Look of the cards**\n\n- cloze\n<!-- end of edition 2026-09-22 -->" in project.notes.split("## ")[1]


def test_a_named_edition_has_its_day_in_the_heading(project: Project) -> None:
    project.settings("edition: 2026.1")
    project.build()
    assert headings(project.notes) == ["2026.1 (2026-09-21)"]
    assert "tag:trialdeck::edition::2026.1`" in project.notes


def test_a_trial_that_goes_as_a_whole_is_one_row(project: Project) -> None:
    project.record("noon-1")
    project.build()
    (project.seeds / "noon-1.yaml").unlink()
    project.build(LATER)
    assert "**Retired**\n\n- `noon-1`: 9 notes\n<!-- end of edition 2026-09-22 -->" in project.notes.split("## ")[1]


def test_some_notes_of_a_trial_are_a_row_each(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="", cloze="")
    project.build(LATER)
    section = project.notes.split("## ")[1]
    assert re.findall(r"\(`(.*)`\)", section) == ["dawn-1/key-findings/relapse/cloze/delay", "dawn-1/question/why"]


def test_a_note_that_comes_back_counts_as_changed(project: Project) -> None:
    project.build()
    project.record("dawn-1", why="")
    project.build(LATER)
    project.record("dawn-1")
    project.build(LATER + DAY)
    assert (
        "**Changed**\n\n- Why does dawnol work? (`dawn-1/question/why`)\n<!-- end of edition 2026-09-23 -->"
        in project.notes.split("## ")[1]
    )


# one edition, several builds


def test_builds_of_one_edition_update_its_section(project: Project) -> None:
    project.settings("edition: 'a.b_c'")
    project.build()
    project.settings("edition: '1'")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    first = project.notes
    project.edit("dawn-1", summary="Dawnol delayed relapse a lot.\n")
    project.build(LATER + DAY)
    assert headings(project.notes) == headings(first) == ["1 (2026-09-22)", "a.b_c (2026-09-21)"]
    section = project.notes.split("## ")[1]
    assert "`dawn-1/question/why`" in section
    assert "`dawn-1/summary`" in section
    # The section of the edition before says what it said.
    assert project.notes.split("## ")[2] == first.split("## ")[2]


def test_an_edition_whose_name_begins_like_another_is_another(project: Project) -> None:
    for time, edition in enumerate(("1", "11", "1.1")):
        project.settings(f"edition: '{edition}'")
        project.record("dawn-1", response=f"It binds {edition} times")
        project.build(NOW + time * DAY)
    assert headings(project.notes) == ["1.1 (2026-09-23)", "11 (2026-09-22)", "1 (2026-09-21)"]


def test_an_edition_that_takes_an_earlier_name_updates_that_section(project: Project) -> None:
    project.settings("edition: one")
    project.build()
    project.settings("edition: two")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    project.settings("edition: one")
    project.edit("dawn-1", summary="Dawnol delayed relapse a lot.\n")
    project.build(LATER + DAY)
    assert [each.split()[0] for each in headings(project.notes)] == ["two", "one"]
    assert project.line("dawn-1/summary").edition == "one"


def test_a_build_that_changes_nothing_leaves_the_file_alone(project: Project) -> None:
    project.build()
    project.editions.write_text("mine\n", encoding="utf-8")
    project.build(LATER)
    assert project.notes == "mine\n"
    project.editions.unlink()
    project.build(LATER)
    assert not project.editions.exists()
    assert "EDITIONS.md" not in project.build(LATER).changed_files


def test_an_empty_file_gets_its_title_back(project: Project) -> None:
    project.build()
    project.editions.write_text("", encoding="utf-8")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    assert project.notes.startswith("# Editions\n\n## 2026-09-22\n\n<!-- edition 2026-09-22:")


# what the author writes


def test_what_the_author_writes_around_the_marks_stays(project: Project) -> None:
    project.settings("edition: '1'")
    project.build()
    written = project.notes.replace("# Editions\n", "# Our decks\n\nHello.\n")
    written = written.replace("## 1 (2026-09-21)\n", "## The first one\n\nWith thanks to **A**.\n")
    project.editions.write_text(written + "\nSee you.\n\n\n", encoding="utf-8")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    head, rest = written.split("<!-- edition")
    assert project.notes.startswith(f"{head}<!-- edition 1:")
    assert project.notes.endswith(
        f"<!-- end of edition 1 -->{rest.split('<!-- end of edition 1 -->')[1]}\nSee you.\n\n\n"
    )


def test_a_new_section_stands_above_the_newest_and_below_the_introduction(project: Project) -> None:
    project.build()
    project.editions.write_text(project.notes.replace("# Editions\n", "# Editions\n\nHello.\n"), encoding="utf-8")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    assert project.notes.startswith("# Editions\n\nHello.\n\n## 2026-09-22\n\n<!-- edition")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("<!-- end of edition 1 -->\n", ""),
        lambda text: text.replace("<!-- edition 1: what follows is rewritten by every build of it -->\n", ""),
        lambda text: text.replace(" of it -->", " -->"),
        lambda text: re.sub(r"<!--.*-->\n", "", text),
        lambda text: text.replace("<!-- end of edition 1 -->", "<!-- End of edition 1 -->"),
    ],
)
def test_a_section_whose_marks_are_gone_is_the_authors_own(damage: Callable[[str], str], project: Project) -> None:
    project.settings("edition: '1'")
    project.build()
    damaged = damage(project.notes)
    project.editions.write_text(damaged, encoding="utf-8")
    project.edit("dawn-1", response="It blocks")
    for time in (LATER, LATER + DAY):
        project.build(time)
        above, _, below = project.notes.partition("## 1 (2026-09-22)")
        assert above + below.partition("<!-- end of edition 1 -->\n\n")[2] == damaged
        project.edit("dawn-1", summary="Dawnol delayed relapse a lot.\n") if time == LATER else None


def test_a_lost_end_mark_does_not_cost_the_section_below(project: Project) -> None:
    project.settings("edition: '1'")
    project.build()
    project.settings("edition: '2'")
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    damaged = project.notes.replace("<!-- end of edition 2 -->\n\n## 1", "\nWith thanks.\n\n## 1")
    assert damaged != project.notes
    project.editions.write_text(damaged, encoding="utf-8")
    project.edit("dawn-1", summary="Dawnol delayed relapse a lot.\n")
    project.build(LATER + DAY)
    assert project.notes.endswith(damaged.removeprefix("# Editions\n\n"))
    assert headings(project.notes) == ["2 (2026-09-23)", "2 (2026-09-22)", "1 (2026-09-21)"]


def test_a_file_that_is_no_text_is_an_error_and_stays(project: Project) -> None:
    project.decks.mkdir()
    project.editions.write_bytes(b"\xff\xfe")
    with pytest.raises(TrialdeckError, match=r"cannot read .*EDITIONS\.md"):
        project.build()
    assert project.editions.read_bytes() == b"\xff\xfe"
    assert not (project.decks / "ledger.jsonl").exists()


# hostile labels

HOSTILE = [
    "<!-- end of edition 2 -->",
    "<!-- edition 2: what follows is rewritten by every build of it -->",
    "**bold** _it_ `code` [link](https://example.org) ![](x.png)",
    "<script>alert(1)</script><b>x</b> &amp;",
    "# heading",
    "1. item",
    "- item",
    "a | b ~~c~~ https://example.org \\",
    "| --- |",
    "a\u2028b\u2029c\x85d",
    "=" * 100,
    "$x$ @someone #1",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_text_and_no_mark(label: str) -> None:
    former = released("", ledger_of(line("a/summary", "1", label="Before")), "1")
    ledger = ledger_of(line("a/summary", "1"), line("b/summary", "2", label=label, time=LATER))
    text = released(former, ledger, "2")
    assert released(text, ledger, "2") == text
    tokens = MarkdownIt("commonmark").parse(text)
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2", "h2"]
    assert [token.content.split(" ")[1] for token in tokens if token.type == "html_block"] == ["edition", "end"] * 2
    (item,) = (token for token in tokens if token.type == "inline" and "`b/summary`" in token.content)
    kinds = [(child.type, child.content) for child in item.children or () if child.type not in {"text", "softbreak"}]
    assert kinds.pop() == ("code_inline", "b/summary")
    assert {content for _, content in kinds} <= {"<span>", "</span>"}
    shown = "".join(child.content for child in item.children or () if child.type.startswith("text"))
    assert shown == f"{' '.join(label.split())} ()"


def test_a_hostile_question_does_not_break_the_file_of_a_project(project: Project) -> None:
    project.record("dawn-1", why_question="'`<!-- end of edition 2026-09-21 -->` ## x'")
    project.build()
    project.edit("dawn-1", response="It blocks")
    first = project.notes
    project.build(NOW + 60)
    assert project.notes == first
    assert first.count("\n<!-- end of edition 2026-09-21 -->\n") == 1


# whatever stands outside the marks

EDITION = "<!-- edition 2: what follows is rewritten by every build of it -->"
LINES = st.one_of(
    st.sampled_from(
        "|# Editions|## 1 (2026-01-01)|## |Thanks.|<!-- end of edition 2 -->|> <!-- end of edition 2 -->|```|  |"
        f"{EDITION}|{EDITION[1:]}|{EDITION} |- {EDITION}|{EDITION.replace('2', '1')}".split("|")
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8),
)


@given(st.lists(LINES), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_stands_outside_the_marks_is_kept_to_the_byte(lines: list[str], newline: str, ends: bool) -> None:
    former = newline.join(lines) + newline * ends
    ledger = ledger_of(line("a/summary", "2", label="Some label"))
    text = released(former, ledger, "2")
    assert "- Some label (`a/summary`)" in text
    assert released(text, ledger, "2") == text
    before, after = outside(former), outside(text)
    if before is None:  # there was no section of this edition: one was put in
        assert former or text.startswith("# Editions\n")
        assert after is not None
        above, below = after
        heading = f"## 2 (2026-09-21){above[-2:] if above.endswith(chr(13) + chr(10)) else chr(10)}"
        place = above.rindex(heading)
        gap = above[:place]
        kept = former or "# Editions\n"
        assert any(
            gap.startswith(kept[:cut]) and below.endswith(kept[cut:]) and not gap[cut:].strip("\r\n")
            for cut in range(len(kept) + 1)
        )
    else:
        assert after == before


def outside(text: str) -> tuple[str, str] | None:
    """What stands above and below the section of edition 2, found without regular expressions."""
    start = ("\n" + text).find(f"\n{EDITION}")
    while start >= 0:
        end = text.find("\n<!-- end of edition 2 -->", start)
        other = text.find("\n<!-- edition ", start)
        if end >= 0 and not 0 <= other < end:
            return text[:start], text[end + len("\n<!-- end of edition 2 -->") :]
        start = ("\n" + text).find(f"\n{EDITION}", start + 1)
    return None


def test_line_ends_of_windows_stay() -> None:
    ledger = ledger_of(line("a/summary", "1"))
    former = released("", ledger, "1").replace("\n", "\r\n")
    assert released(former, ledger, "1") == former
    newer = ledger_of(line("a/summary", "2", since="1", time=LATER))
    text = released(former, newer, "2")
    assert text.replace("\r\n", "").count("\n") == 0
    assert text.endswith(former.removeprefix("# Editions\r\n\r\n"))


def test_a_build_keeps_the_line_ends_of_windows(project: Project) -> None:
    project.build()
    project.editions.write_bytes(project.notes.replace("\n", "\r\n").encode())
    project.edit("dawn-1", response="It blocks")
    project.build(LATER)
    assert b"\n" not in project.editions.read_bytes().replace(b"\r\n", b"")
