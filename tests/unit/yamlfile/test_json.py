"""JSON is read, written and edited as YAML of the same data is; what is no JSON is refused with what to do."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import Record, load_record_text
from trialdeck.yamlfile.document import MAX_DEPTH, MOST_VALUES, Document, Plain, parse_document
from trialdeck.yamlfile.edit import Drop, Put, edited
from trialdeck.yamlfile.edit_together import edited_together
from trialdeck.yamlfile.jsonfile.text import hint_in_json, record_json

NAME = "dawn-1.json"
RECORD = r"""{
  "$schema": "../schemas/trial.schema.json",
  "format": 1,
  "id": "dawn-1",
  "title": "Dawnol",
  "results": [
    {"id": "relapse", "estimate": 0.860, "ci": [0.747, 0.990], "ci_level": 95}
  ],
  "questions": [
    {
      "id": "why",
      "question": "Why?",
      "response": "It binds \ud83d\ude00 dawnin."
    }
  ],
  "review": {"status": "unreviewed"}
}
"""


RESULTS = RECORD[RECORD.index('  "results"') : RECORD.index('  "questions"')]


def read(text: str | bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    return parse_document(text.encode() if isinstance(text, str) else text, NAME)


def data_of(text: str) -> Any:
    document, problems = read(text)
    assert problems == ()
    assert document is not None
    return document.data


def fault(text: str | bytes) -> Problem:
    document, problems = read(text)
    assert document is None
    (problem,) = problems
    assert problem.hint
    return problem


def test_values_are_what_the_same_yaml_says() -> None:
    data = data_of('{"a": [1, 0.860, -1E+5, true, null], "b": "1", "c": {}, "d": []}')
    assert data == {"a": ["1", "0.860", "-1E+5", "true", None], "b": "1", "c": {}, "d": []}
    assert [type(value) for value in data["a"]] == [Plain, Plain, Plain, Plain, type(None)]
    assert type(data["b"]) is str


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r'"\ud83d\ude00"', "\U0001f600"), (r'"\u00e9\/\n\t\"\\"', 'é/\n\t"\\'),
     ('"😀 \u2028 # no: comment"', "😀 \u2028 # no: comment"),
     (f'"{"x" * 2000}"', "x" * 2000)],
)  # fmt: skip
def test_texts_are_read_with_all_escapes(written: str, meant: str) -> None:
    assert data_of(f'{{"title":\t{written}}}') == {"title": meant}


def test_long_names_and_tabs_and_odd_spacing_are_read() -> None:
    name = "n" * 1500
    assert data_of(f'\ufeff{{\r\n\t"{name}"\t:\r\n1 ,"b":[ ]}}\n') == {name: "1", "b": []}


def test_every_part_has_its_place() -> None:
    document, _ = read(RECORD)
    assert document is not None
    assert str(document.spot("results", 0, "ci", 1)) == "dawn-1.json:7:56"
    assert str(document.key_spot("questions", 0, "response")) == "dawn-1.json:13:7"
    assert str(document.spot("questions", 0, "response")) == "dawn-1.json:13:19"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ('{"a": 1,}', "1:8", "nothing follows this comma but }", "remove the comma"),
        ('{"a": [1,\n]}', "1:9", "nothing follows this comma but ]", "remove the comma"),
        ('{\n// why\n"a": 1}', "2:1", "JSON has no comments", "remove it, or write the record as YAML"),
        ('{"a": 1 # why\n}', "1:9", "JSON has no comments", "remove it, or write the record as YAML"),
        ('{"a": /* 1 */ 2}', "1:7", "JSON has no comments", "remove it, or write the record as YAML"),
        ('{"a": NaN}', "1:7", "NaN is not a value of JSON", "write null"),
        ('{"a": True}', "1:7", "True is not a value of JSON", "write true"),
        ('{"a": Infinity}', "1:7", "Infinity is not a value of JSON", "write a number such as 0.5"),
        ('{"a": .5}', "1:7", ".5 is not a value of JSON", "write a number such as 0.5"),
        ('{"a": 007}', "1:7", "007 is not a value of JSON", "write a number"),
        ('{"a": }', "1:7", "} is not a value of JSON", "write a number"),
        ("{'a': 1}", "1:2", "a name in double quotes should stand here", "write a name in straight double quotes"),
        ("{a: 1}", "1:2", "a name in double quotes should stand here", 'write "a"'),
        ("{“a”: 1}", "1:2", "a name in double quotes", "straight double quotes"),
        ("{\"a\": 'x'}", "1:7", "a text stands in straight double quotes", "replace ' by \""),
        ('{"a": “x”}', "1:7", "a text stands in straight double quotes", 'replace “ by "'),
        ('{"a" 1}', "1:6", "a colon is missing behind the name", 'write "name": value'),
        ('{"a": 1\n "b": 2}', "2:2", "a comma is missing before this", "write it behind the value before"),
        ('{"a": [1, 2}', "1:12", "} stands where ] should close what was opened", "write ], or remove it"),
        ('{"a": {"b": 1}', "1:1", "the file ends before } closes this", "it may be cut off"),
        ('{"a":', "1:6", "the file ends where a value should stand", "it may be cut off"),
        ('{"a": "x\n"}', "1:9", "a line or a tab ends the text here", r"write \n for a line break"),
        ('{"a": "x', "1:7", "the quote that is opened here is never closed", "close the text"),
        (r'{"a": "\p"}', "1:8", "a backslash stands here that means nothing", "write two backslashes for one"),
        (r'{"a": "\ud83d"}', "1:7", r"\ud83d is half of a character", "write the character itself"),
        (r'{"a": "\ude00\ud83d"}', "1:7", r"\ude00 is half of a character", "write the character itself"),
        ("{} {}", "1:4", "something follows behind the end of the record", "remove it"),
        ("format: 1\n", "1:1", "a JSON record begins with {", "a record in YAML belongs in a file that ends in .yaml"),
    ],
)
def test_what_is_no_json_is_refused_with_place_and_remedy(text: str, place: str, message: str, hint: str) -> None:
    problem = fault(text)
    assert (problem.code, str(problem.location)) == ("TD101", f"dawn-1.json:{place}")
    assert problem.message.startswith(message)
    assert hint in problem.hint


@pytest.mark.parametrize("name", [NAME, "dawn-1.yaml"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(name: str, encoding: str) -> None:
    _, (problem,) = parse_document('{"a": 1}'.encode(encoding), name)
    assert (problem.code, problem.message) == ("TD120", "the file is UTF-16, not UTF-8")
    assert problem.hint == "save the file with the encoding UTF-8"


def test_a_name_that_stands_twice_is_an_error() -> None:
    _, (problem,) = read('{"id": "a",\n"\\u0069d": "b"}')
    assert (problem.code, problem.line, problem.column) == ("TD102", 2, 1)


def test_an_escape_of_what_cannot_be_shown_is_named() -> None:
    document, (problem,) = read(r'{"title": "\u0008eta"}')
    assert document is not None
    assert (problem.code, problem.hint) == ("TD405", "write two backslashes for one")


def test_the_limits_are_those_of_yaml() -> None:
    assert fault("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2)).code == "TD122"
    assert fault("[" * 100_000).code == "TD122"
    assert fault(f"[{'0,' * MOST_VALUES}0]").code == "TD125"


def test_an_empty_file_is_nothing() -> None:
    assert read(" \n") == (Document(NAME, None, {}, {}), ())


@given(st.binary() | st.text('{}[]",:/\\ud8#1e-.tnf \t\n\x00\x85\u2028\ufeff', max_size=60).map(str.encode))
def test_no_input_breaks_the_reader(content: bytes) -> None:
    document, problems = parse_document(content, NAME)
    assert (document is None) == any(problem.code not in {"TD102", "TD405"} for problem in problems)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=4), part, max_size=4),
    max_leaves=15,
)


@given(data=JSON, indent=st.sampled_from([None, 0, 2, "\t"]), in_ascii=st.booleans())
def test_what_other_programs_write_is_read_as_they_read_it(data: Any, indent: int | str | None, in_ascii: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=in_ascii)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    document, problems = parse_document(content, NAME)
    if document is None:
        # What no card can show, or half of a character.
        assert {problem.code for problem in problems} <= {"TD101", "TD112"}
    else:
        assert document.data == as_read(json.loads(text, parse_float=str, parse_int=str))


def as_read(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_read(part) for key, part in value.items()}
    if isinstance(value, list):
        return list(map(as_read, value))
    return str(value).lower() if isinstance(value, bool) else value


# Records

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=12)
NUMBERS = st.integers(0, 200) | st.decimals(-5, 5, places=2).map(float)
SCALARS = (
    WORDS
    | NUMBERS
    | st.booleans()
    | st.none()
    | st.sampled_from(["dawn-1", "{{c1::x}}", "2026-09-01", "0.86", "<0.001"])
)
ARMS = st.fixed_dictionaries(
    {"name": SCALARS}, optional={"n": SCALARS, "median": SCALARS, "ci": st.lists(SCALARS, max_size=2)}
)
ENTRIES = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c"]) | WORDS},
    optional={
        "text": SCALARS, "question": SCALARS, "response": SCALARS, "endpoint": SCALARS, "name": SCALARS,
        "perspective": st.sampled_from(["clinical", "nobody"]),
        "cloze": st.dictionaries(st.sampled_from(["x", "y"]), SCALARS, max_size=2),
        "measure": st.sampled_from(["hazard ratio", "mean difference", 1]), "estimate": SCALARS, "p": SCALARS,
        "ci": st.lists(SCALARS, max_size=3), "ci_level": SCALARS, "audience": st.lists(SCALARS, max_size=2),
        "arms": st.lists(ARMS, max_size=2),
        "retired": st.fixed_dictionaries({"on": SCALARS, "reason": SCALARS}), "unknown": SCALARS,
    },
)  # fmt: skip
LISTS = ("key_findings", "design", "results", "questions", "takeaways", "related_trials")
RECORDS = st.fixed_dictionaries(
    {"format": st.just(1), "id": st.just("dawn-1"), "title": SCALARS},
    optional={
        "acronym": SCALARS, "source": st.fixed_dictionaries({}, optional={"doi": SCALARS, "registry": SCALARS}),
        "topics": st.lists(SCALARS, max_size=3), "summary": SCALARS, "language": SCALARS,
        **{name: st.lists(ENTRIES, max_size=3) for name in LISTS},
        "review": st.fixed_dictionaries({"status": SCALARS}, optional={"on": SCALARS}), "unknown": SCALARS,
    },
)  # fmt: skip


def in_both(data: Any) -> tuple[Record, Record]:
    as_yaml = yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode()
    as_json = json.dumps(data, indent=2).encode()
    return load_record_text(as_yaml, "dawn-1.yaml"), load_record_text(as_json, NAME)


@given(RECORDS)
def test_a_record_is_the_same_in_json_and_in_yaml(data: Any) -> None:
    from_yaml, from_json = in_both(data)
    assert from_json.trial == from_yaml.trial
    kinds = [
        sorted((problem.code, problem.message) for problem in problems_of(record)) for record in (from_yaml, from_json)
    ]
    assert kinds[0] == kinds[1]


def test_a_hint_says_what_to_write_in_json() -> None:
    assert (
        hint_in_json("add `rate_unit: per 100 patient-years`, or") == 'add `"rate_unit": "per 100 patient-years"`, or'
    )
    assert hint_in_json("write `margin: 1.30`") == 'write `"margin": 1.30`'
    assert hint_in_json("`select: {trials: […]}` or `by:`") == '`"select": …` or `"by": …`'
    assert hint_in_json("`results: [a, b]`") == '`"results": ["a", "b"]`'
    assert hint_in_json("run `trialdeck check`") == "run `trialdeck check`"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('"title": {}', "write one text in double quotes"),
        ('"title": []', "write one text, without a bracket before it"),
        ('"topics": "a"', 'write a list: ["a"]'),
        ('"source": "x"', "write its properties in braces"),
        ('"source": []', "write its properties in braces, without a bracket before them"),
        ('"questions": {}', "put its entries between brackets: [ … ]"),
    ],
)
def test_hints_on_kinds_are_those_of_json(text: str, hint: str) -> None:
    record = load_record_text(f'{{"format": 1, "id": "dawn-1", {text}}}'.encode(), NAME)
    assert hint in [problem.hint for problem in record.problems if problem.code == "TD105"]


# Edits


def after(*edits: Put | Drop, text: str = RECORD) -> str:
    return edited(text.encode(), edits, NAME).decode()


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Put(("title",), 'Of "Dawn"'), '"Dawnol"', r'"Of \"Dawn\""'),
        (Put(("results", 0, "estimate"), Plain("0.870")), "0.860", "0.870"),
        (Put(("results", 0, "estimate"), Plain(".87")), "0.860", "0.87"),
        (Put(("review", "by"), "A. Reviewer"), '"unreviewed"}', '"unreviewed", "by": "A. Reviewer"}'),
        (
            Put(("acronym",), "DAWN-1", ("format", "id", "acronym", "title")),
            '"dawn-1",\n',
            '"dawn-1",\n  "acronym": "DAWN-1",\n',
        ),
        (Put(("topics",), ["a", "b"]), '"unreviewed"}\n', '"unreviewed"},\n  "topics": ["a", "b"]\n'),
        (
            Put(("source", "doi"), "10.1/x", ("title",)),
            '"unreviewed"}\n',
            '"unreviewed"},\n  "source": {\n    "doi": "10.1/x"\n  }\n',
        ),
        (
            Put(("questions", 1), {"id": "how", "question": "How?"}),
            'dawnin."\n    }\n',
            'dawnin."\n    },\n    {\n      "id": "how",\n      "question": "How?"\n    }\n',
        ),
        (Put(("review",), None), '{"status": "unreviewed"}', "null"),
        (Drop(("questions", 0, "question")), '      "question": "Why?",\n', ""),
        (Drop(("results", 0)), RESULTS, ""),
        (Drop(("review", "status")), ',\n  "review": {"status": "unreviewed"}', ""),
    ],
)
def test_an_edit_leaves_all_else_as_it_was(edit: Put | Drop, old: str, new: str) -> None:
    expected = RECORD.replace(old, new, 1)
    text = after(edit)
    # The file escapes what is not ASCII, and goes on to do so.
    assert text == expected
    assert r"\ud83d\ude00" in text
    json.loads(text)


def test_line_ends_and_indents_are_those_of_the_file() -> None:
    text = '\ufeff{\r\n\t"format": 1,\r\n\t"id": "dawn-1"\r\n}'
    changed = after(Put(("source",), {"doi": "10.1/é"}), text=text)
    assert (
        changed == '\ufeff{\r\n\t"format": 1,\r\n\t"id": "dawn-1",\r\n\t"source": {\r\n\t\t"doi": "10.1/é"\r\n\t}\r\n}'
    )
    assert after(Put(("b",), ["x"]), text='{"a":1}') == '{"a":1, "b": ["x"]}'
    assert after(Put(("b",), "x"), text="{}") == '{\n  "b": "x"\n}'


def test_what_only_an_escape_can_say_is_escaped() -> None:
    document, _ = parse_document(after(Put(("title",), "a\x7fb")).encode(), NAME)
    assert document is not None
    assert document.data["title"] == "a\x7fb"


def test_a_day_becomes_a_text() -> None:
    assert '"on": "2026-09-01"' in after(Put(("review", "on"), Plain("2026-09-01")))


@given(RECORDS, st.sampled_from([None, 2, "\t"]), st.data())
def test_edits_read_back_as_what_was_wanted(data: Any, indent: int | str | None, draw: st.DataObject) -> None:
    text = json.dumps(data, indent=indent)
    name = draw.draw(st.sampled_from(sorted({*data, "topics", "summary"} - {"format"})))
    value = draw.draw(WORDS | st.lists(WORDS, max_size=2) | st.lists(ENTRIES.map(texts_alone), max_size=2))
    changed = after(Put((name,), value), text=text)
    assert json.loads(changed) == {**data, name: value}
    dropped = json.loads(after(Drop((name,)), text=changed))
    assert dropped == {key: part for key, part in data.items() if key != name}


def texts_alone(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if isinstance(value, str)}


@pytest.mark.parametrize("name", [NAME, "dawn-1.yaml"])
def test_entries_are_added_together(name: str) -> None:
    added = [{"id": "how", "question": "How?"}, {"id": "when", "question": "When?"}]
    text = '{"format": 1, "questions": [{"id": "why", "question": "Why?"}], "design": []}'
    changed = edited_together(
        text.encode(), {("questions", 0, "question"): "Why so?"}, {"questions": added, "design": added}, name
    )
    document, _ = parse_document(changed, name)
    assert document is not None
    assert document.data["questions"] == [{"id": "why", "question": "Why so?"}, *added]
    assert document.data["design"] == added


def test_a_record_is_written_with_its_digits() -> None:
    text = record_json({"format": 1, "estimate": Plain("0.860"), "p": "0.01", "ci": [Plain("0.70"), Plain("1")]})
    assert text == '{\n  "format": 1,\n  "estimate": 0.860,\n  "p": "0.01",\n  "ci": [0.70, 1]\n}\n'


def test_an_edit_that_json_cannot_say_is_refused() -> None:
    with pytest.raises(TrialdeckError, match=r"dawn-1\.json: cannot change title in place"):
        after(Put(("title",), "\ud800"))
