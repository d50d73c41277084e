"""The month of retirement, written as marks into the fields of a tombstone and read by the template."""

import calendar
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.cards.notetypes import Kind, note_type
from trialdeck.cards.retired import FIRST_YEAR, MARK, YEARS, month_html, month_marks

TYPES = [note_type(Kind.QUESTION).field_names, note_type(Kind.TRIAL).field_names]
CONDITION = re.compile(r"\{\{([#^])(\w+)\}\}((?:(?!\{\{).)*)\{\{/\2\}\}")


def shown(template: str, fields: dict[str, str]) -> str:
    """What Anki makes of conditions: the innermost first."""
    while (template_after := CONDITION.sub(lambda found: chosen(found, fields), template)) != template:
        template = template_after
    return template


def chosen(found: re.Match[str], fields: dict[str, str]) -> str:
    return found[3] if bool(fields.get(found[2])) == (found[1] == "#") else ""


@pytest.mark.parametrize("names", TYPES, ids=["question", "trial"])
@given(day=st.dates(date(FIRST_YEAR, 1, 1), date(FIRST_YEAR + YEARS - 1, 12, 31)))
def test_every_month_is_shown_as_it_was_written(names: tuple[str, ...], day: date) -> None:
    marks = dict(month_marks(names, day.isoformat()))
    assert shown(month_html(names), marks) == f"{calendar.month_name[day.month]} {day.year}"
    assert set(marks.values()) <= {MARK}


@pytest.mark.parametrize("names", TYPES, ids=["question", "trial"])
def test_what_a_tombstone_needs_holds_no_mark(names: tuple[str, ...]) -> None:
    marked = {name for year in range(2026, 2042) for month in range(1, 13)
              for name in month_marks(names, f"{year}-{month:02}-01")}  # fmt: skip
    assert marked.isdisjoint({names[0], "Retired", "Extra", "Key"})


def test_years_beyond_the_last_count_as_the_last() -> None:
    names = TYPES[0]
    assert shown(month_html(names), dict(month_marks(names, "2099-03-01"))) == "March 2041"
    assert shown(month_html(names), dict(month_marks(names, "1999-03-01"))) == "March 2026"


def test_no_field_is_shown_so_that_anki_takes_the_front_for_empty() -> None:
    assert "{{" not in re.sub(r"\{\{[#^/]\w+\}\}", "", month_html(TYPES[0]))
