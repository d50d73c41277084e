"""The month of retirement on the front of a card that Anki takes for empty.

A retired card must count as empty in every Anki: then Tools → Empty Cards removes it, and no Anki makes a new one. A
front that shows any field does not (measured from 2.1.49 to 26.9.3; from 26.8 on, not even a special field such as the
deck's name), but a front may show fixed text, and choose among texts by which fields are empty. So the month is written
into a tombstone as marks in fields that it does not need otherwise, one field a binary digit, and the template has a
text for every month and year. The day stands in the field `Retired`.
"""

from collections.abc import Iterator, Mapping, Sequence

MARK = "·"
"""What a field holds that stands for the digit 1."""

FIRST_YEAR, YEARS = 2026, 16
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DIGITS = 4
_KEPT = ("Retired", "Extra", "Key")


def month_marks(field_names: Sequence[str], day: str) -> Mapping[str, str]:
    """Return the fields, with their marks, that say the month of a day (YEAR-MONTH-DAY).

    `field_names` are those of the note type, in order. A year beyond the last that the templates know counts as that.
    """
    year, month = int(day[:4]), int(day[5:7])
    known = min(max(year - FIRST_YEAR, 0), YEARS - 1)
    marked = (*_marked(_month_fields(field_names), month - 1), *_marked(_year_fields(field_names), known))
    return dict.fromkeys(marked, MARK)


def month_html(field_names: Sequence[str]) -> str:
    """Return the part of a template that shows the month and year that the marks say, for example `May 2027`."""
    years = [str(FIRST_YEAR + number) for number in range(YEARS)]
    return f"{_choice(_month_fields(field_names), _MONTHS)} {_choice(_year_fields(field_names), years)}"


def _month_fields(field_names: Sequence[str]) -> Sequence[str]:
    return _free(field_names)[:_DIGITS]


def _year_fields(field_names: Sequence[str]) -> Sequence[str]:
    return _free(field_names)[_DIGITS : 2 * _DIGITS]


def _free(field_names: Sequence[str]) -> list[str]:
    """Return the fields that a tombstone does not need: its first one says what the card was."""
    return [name for name in field_names[1:] if name not in _KEPT]


def _marked(fields: Sequence[str], number: int) -> Iterator[str]:
    """Yield the fields whose binary digit is 1, the greatest digit first."""
    for place, name in enumerate(reversed(fields)):
        if number >> place & 1:
            yield name


def _choice(fields: Sequence[str], texts: Sequence[str]) -> str:
    """Return nested conditions that show the text with the number that the fields' digits make."""
    if not texts:
        return ""
    if not fields:
        return texts[0]
    field, *rest = fields
    half = 1 << len(rest)
    low, high = _choice(rest, texts[:half]), _choice(rest, texts[half:])
    return f"{{{{^{field}}}}}{low}{{{{/{field}}}}}{{{{#{field}}}}}{high}{{{{/{field}}}}}"
