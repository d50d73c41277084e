"""A long record is written fast, reads back as it should, and is as readable as a short one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trialdeck.yamlfile.document import parse_document
from trialdeck.yamlfile.edit_together import edited_together
from trialdeck.yamlfile.long_record import write_long_record
from trialdeck.yamlfile.writer import Property

TEXTS = st.text(st.sampled_from("ab :#-'\"\\\n|>*&[]{}!%@`,?0.éλ💊\u00a0~"), min_size=1, max_size=120)
NAMES = st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"id": NAMES, "text": TEXTS},
        optional={"cloze": st.dictionaries(NAMES, TEXTS, min_size=1, max_size=2),
                  "figures": st.lists(st.fixed_dictionaries({"file": NAMES, "alt": TEXTS}), min_size=1, max_size=2)},
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def data_of(text: str) -> Any:
    document, problems = parse_document(text.encode(), "x.yaml")
    assert document is not None, problems
    return document.data


def test_each_text_is_written_as_a_person_would() -> None:
    entries = [
        {"id": "short", "text": "It binds dawnin."},
        {"id": "marks", "text": "HR: 0.74 #2"},
        {"id": "long", "text": "Median progression-free survival was longer with dawnol than with placebo, " * 2 + "x"},
        {"id": "lines", "text": "- one\n- two", "cloze": {"a": "It is {{c1::x}}"}},
    ]
    text = write_long_record([Property("format", "1"), Property("items", entries, apart=True)], ["Head."])
    assert (
        text
        == """\
# Head.
format: '1'

items:
  - id: short
    text: It binds dawnin.
  - id: marks
    text: "HR: 0.74 #2"
  - id: long
    text: >-
      Median progression-free survival was longer with dawnol than with placebo, Median
      progression-free survival was longer with dawnol than with placebo, x
  - id: lines
    text: |-
      - one
      - two
    cloze:
      a: "It is {{c1::x}}"
""".replace("'1'", '"1"').replace('"It is {{c1::x}}"', "It is {{c1::x}}")
    )


@given(entries=ENTRIES)
def test_any_text_reads_back(entries: list[dict[str, Any]]) -> None:
    text = write_long_record([Property("id", "x"), Property("items", entries)], ["Head."])
    assert data_of(text) == {"id": "x", "items": entries}


@given(entries=ENTRIES, added=ENTRIES, new=TEXTS)
def test_many_edits_are_made_together(entries: list[dict[str, Any]], added: list[dict[str, Any]], new: str) -> None:
    before = write_long_record([Property("id", "x"), Property("items", entries)], ["Head."])
    after = edited_together(before.encode(), {("items", 0, "text"): new}, {"items": added, "others": added}, "x.yaml")
    wanted = [{**entries[0], "text": new}, *entries[1:], *added]
    assert data_of(after.decode()) == {"id": "x", "items": wanted, "others": added}
    assert after.startswith(b"# Head.\n")
