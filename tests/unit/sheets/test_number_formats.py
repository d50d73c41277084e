"""Numbers of a workbook, as their cells show them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.sheets.workbook.number_formats import shown_number


@pytest.mark.parametrize(
    ("number", "number_format", "shown"),
    [
        (0.5, "0.00", "0.50"),
        (0.12, "0.0%", "12.0%"),
        (0.07, "0%", "7%"),
        (1234, "#,##0", "1,234"),
        (1234567.5, "#,##0.00_);(#,##0.00)", "1,234,567.50"),
        (-1.5, "#,##0.00;[Red]-#,##0.00", "-1.50"),
        (-0.2, "0.00", "-0.20"),
        (12, '0.0" months"', "12.0 months"),
        (12.5, '0.0 "mg"\\/"kg"', "12.5 mg/kg"),
        (12.5, '0.0 "mg"/"kg"', "12.5 mg/kg"),
        (0.001, '"<"0.000', "<0.001"),
        (0.001, "<0.000", "<0.001"),
        (-3.1, "\\~0.0", "~-3.1"),
        (12.5, "[$€-2] 0.00", "€12.50"),
        (12.5, '[Blue]0.0_)"a;b"', "12.5a;b"),
        (12, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (0.1 + 0.2, "0.00", "0.30"),
        (12.0, "@", "12"),
        (1e-5, "0.00E+00", "0.00001"),
        (0.5, "# ?/?", "0.5"),
        (0.25, "0.0##", "0.25"),
        (7, "000", "007"),
        (1e300, "0.0", f"{Decimal('1e300'):f}.0"),
        (1e20, "0.0", "100000000000000000000.0"),
        (1234567, "#,##0,", "1,234,567"),
        (0.0, "0.00", "0.00"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(number: float, number_format: str, shown: str) -> None:
    found = shown_number(number, number_format)
    assert (found.text, found.seen) == (shown, shown)


@pytest.mark.parametrize(
    ("number", "text", "seen"),
    [(0.0004, "0.0004", "<0.001"), (0.0125, "0.0125", "0.013"), (0.05, "0.050", "0.050")],
)
def test_a_condition_of_a_format_chooses_what_is_seen(number: float, text: str, seen: str) -> None:
    found = shown_number(number, '[<0.001]"<0.001";0.000')
    assert (found.text, found.seen) == (text, seen)


def test_a_format_hides_no_digit_that_was_typed() -> None:
    assert (shown_number(0.745, "0.00").text, shown_number(0.745, "0.00").seen) == ("0.745", "0.75")
    assert (shown_number(-0.001, "0.0").text, shown_number(-0.001, "0.0").seen) == ("-0.001", "0.0")


@pytest.mark.parametrize(
    ("number", "number_format", "shown"),
    [
        (386 / 2373, "0.0%", "16.3%"),
        (1 / 3, "0.00", "0.33"),
        (1 / 3, "General", "0.333333333333333"),
        (2 / 3, "0", "1"),
    ],
)
def test_the_value_of_a_formula_is_what_its_cell_shows(number: float, number_format: str, shown: str) -> None:
    assert shown_number(number, number_format, is_rounded=True).text == shown


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(0, 6), st.sampled_from(["0", "#,##0", "0000"]))
def test_no_format_changes_a_number(number: Decimal, decimals: int, whole: str) -> None:
    number_format = f"{whole}.{'0' * decimals}" if decimals else whole
    text = shown_number(float(number), number_format).text
    assert Decimal(text.replace(",", "")) == number
    assert len(text.partition(".")[2]) >= decimals


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20) | st.text('0#?.,%E/;"\\[]_* ', max_size=12),
)
def test_no_format_breaks_the_reader(number: float, number_format: str) -> None:
    for is_rounded in (False, True):
        text = shown_number(number, number_format, is_rounded=is_rounded).digits
        assert Decimal(text.rstrip("%").replace(",", "")).is_finite()
