"""Edits of a record in place: exactly what is wanted changes, and nothing around it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import RECORD
from folders import ROOT
from matrices import IS_FULL
from trialdeck.core.errors import TrialdeckError
from trialdeck.yamlfile.document import DataPath, Plain, parse_document
from trialdeck.yamlfile.edit import Drop, Edit, Put, edited

NOTED = """\
# yaml-language-server: $schema=../schemas/trial.schema.json
format: 1   # the version
id: dawn-1
title: 'Dawnol: a "first" look'

# What it showed.
summary: >-
  Dawnol delayed
  relapse.

# Asked on rounds.
questions:

  # the first one
  - id: why      # for ever
    perspective: mechanism
    audience: [student, fellow]   # for whom
    question: Why?
    response: |
      It binds.
      # no comment

      Twice.

  # the second one
  - id: whom
    perspective: clinical
    question: "Whom?"
    response:

review: {status: unreviewed, by: '' }
# the end
"""
NEW_SECTIONS = """\
key_findings:
  - id: one
    text: First.
results:
  - id: pfs
    estimate: 0.70
    p: "0.01"
"""
TEXTS = {
    "common": RECORD,
    "with comments": NOTED,
    "with a mark, and lines of Windows": "\ufeff" + NOTED.replace("\n", "\r\n"),
    "without an end": RECORD.rstrip("\n"),
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.yaml"))},
}


def data(content: bytes) -> Any:
    document, problems = parse_document(content, "record")
    assert document, problems
    return document.data


def paths(value: Any, path: DataPath = ()) -> Iterator[DataPath]:
    """The paths of all texts, lists and mappings below the top."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from paths(part, (*path, key))


def at(value: Any, path: DataPath) -> Any:
    for part in path:
        value = value[part]
    return value


def change(text: str, *edits: Edit) -> str:
    return edited(text.encode(), edits, "dawn-1.yaml").decode()


def comments(text: str) -> list[str]:
    return re.findall(r"(?:^|(?<=[ \t]))#(?! no comment)[^\r\n]*", text, re.MULTILINE)


def texts_of(value: Any) -> list[DataPath]:
    """The paths of all texts."""
    return [path for path in paths(value) if isinstance(at(value, path), str)]


SCALARS = {name: texts_of(data(text.encode())) for name, text in TEXTS.items()}
SAID = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])) | st.lists(
    st.sampled_from(
        [*"abc 1:#-[]{}>|'\"&*!%@`\\\n,?", ": ", " #", "---", "word ", "\n\n", "  ", "NO", "1.10", "null", "~"]
    ),
    max_size=60,
).map("".join)


@given(data_=st.data(), said=SAID)
def test_any_text_can_take_the_place_of_any_other(data_: st.DataObject, said: str) -> None:
    name = data_.draw(st.sampled_from(sorted(TEXTS)))
    path = data_.draw(st.sampled_from(SCALARS[name]))
    text = TEXTS[name]
    after = change(text, Put(path, said))
    assert at(data(after.encode()), path) == said
    assert_only(text, after, path)


def assert_only(before: str, after: str, path: DataPath) -> None:
    """Nothing but the value at a path has changed: what stands before it and behind it is the same."""
    old, new = data(before.encode()), data(after.encode())
    assert {each: at(old, each) for each in paths(old) if isinstance(at(old, each), str) and each != path} == {
        each: at(new, each) for each in paths(new) if isinstance(at(new, each), str) and each != path
    }
    assert comments(before) == [each for each in comments(after) if each in comments(before)]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_to_put_what_is_there_changes_nothing_but_line_breaks(name: str) -> None:
    text = TEXTS[name]
    value = data(text.encode())
    # Of texts in the same place of a list's entries, and in one or in several lines, the last one by default.
    kinds = {
        (*(part for part in path if isinstance(part, str)), "\n" in at(value, path)): path for path in SCALARS[name]
    }
    for path in SCALARS[name] if IS_FULL else kinds.values():
        after = change(text, Put(path, at(value, path)))
        assert " ".join(after.split()) == " ".join(text.split()) or '"' in after
        assert comments(after) == comments(text)


@given(data_=st.data())
def test_whatever_is_dropped_takes_nothing_with_it(data_: st.DataObject) -> None:
    name = data_.draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[name]
    path = data_.draw(
        st.sampled_from([each for each in paths(data(text.encode())) if len(each) > 1 or each != ("format",)])
    )
    after = change(text, Drop(path))
    assert {line for line in after.splitlines() if line.startswith("#")} <= set(text.splitlines())
    assert len(after) < len(text)


@given(said=SAID, name=st.sampled_from(sorted(TEXTS)))
def test_a_question_can_be_added_anywhere(said: str, name: str) -> None:
    text = TEXTS[name]
    count = len(data(text.encode())["questions"])
    new = {
        "id": "new",
        "perspective": "clinical",
        "audience": ["student"],
        "question": said or "?",
        "response": "Yes: it does.",
    }
    after = change(text, Put(("questions", count), new))
    assert data(after.encode())["questions"][count] == new
    assert comments(text) == [each for each in comments(after) if each in comments(text)]
    assert data(change(after, Drop(("questions", count))).encode()) == data(text.encode())


def test_a_text_keeps_its_style() -> None:
    after = change(
        NOTED,
        Put(("title",), 'Dawnol: a "second" look'),
        Put(("questions", 0, "response"), "It binds.\n# no comment\n\nThrice.\n"),
        Put(("questions", 0, "question"), "Why so?"),
        Put(("questions", 1, "question"), "Who?"),
        Put(("review", "status"), "reviewed"),
    )
    wanted = NOTED
    for old, new in [("first", "second"), ("Twice", "Thrice"), ("Why?", "Why so?"), ("Whom?", "Who?"), ("unre", "re")]:
        wanted = wanted.replace(old, new, 1) if old != "first" else wanted.replace('"first"', '"second"')
    assert after == wanted


def test_what_is_missing_finds_its_place() -> None:
    order = ("id", "perspective", "audience", "question", "response", "cloze")
    after = change(
        NOTED,
        Put(("questions", 1, "audience"), ["fellow"], order),
        Put(("questions", 1, "response"), "Adults."),
        Put(("questions", 0, "cloze", "binds"), "It {{c1::binds}}.", order),
        Put(("review", "on"), "2026-11-23"),
        Put(("topics",), ["a", "b"], ("format", "id", "title", "topics")),
        Put(("key_findings", 0), {"id": "one", "text": "First."}),
        Put(("results",), [{"id": "pfs", "estimate": Plain("0.70"), "p": "0.01"}]),
    )
    wanted = NOTED
    for line, added in (
        ("look'\n", "topics: [a, b]\n"),
        ("      Twice.\n", "    cloze:\n      binds: It {{c1::binds}}.\n"),
        ("    perspective: clinical\n", "    audience: [fellow]\n"),
        ("by: '' }\n", NEW_SECTIONS),
    ):
        wanted = wanted.replace(line, line + added)
    wanted = wanted.replace("    response:\n", "    response: Adults.\n").replace(
        "by: '' }", "by: '', on: \"2026-11-23\" }"
    )
    assert after == wanted


def test_the_last_entry_takes_its_list_with_it() -> None:
    after = change(NOTED, Drop(("questions", 0)), Drop(("questions", 0)))
    assert "questions" not in data(after.encode())
    assert after.endswith("review: {status: unreviewed, by: '' }\n# the end\n")


def test_entries_of_a_list_in_brackets() -> None:
    after = change(NOTED, Drop(("questions", 0, "audience", 0)), Put(("questions", 0, "audience", 1), "resident"))
    assert "    audience: [fellow, resident]   # for whom\n" in after
    after = change(NOTED, Drop(("questions", 0, "audience", 1)))
    assert "    audience: [student]   # for whom\n" in after


def test_what_cannot_be_changed_is_an_error_that_names_it() -> None:
    with pytest.raises(TrialdeckError, match=r"dawn-1\.yaml: cannot change topics\.0 in place"):
        change("topics:\n  - # one - of many\n    a-topic\n", Put(("topics", 0), "other"))
