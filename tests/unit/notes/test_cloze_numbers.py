"""Cloze numbers follow from ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.markdown.cloze import MAX_NUMBER
from trialdeck.markdown.cloze_numbers import cloze_numbers

_IDS = st.lists(st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True), unique=True, max_size=60)


def test_a_point_keeps_its_number_when_others_come_and_go() -> None:
    numbers = cloze_numbers(["randomised", "patients", "primary-endpoint"])

    assert numbers == {"patients": 195, "primary-endpoint": 421, "randomised": 417}
    assert cloze_numbers(["primary-endpoint", "stratified", "randomised"])["randomised"] == numbers["randomised"]


@given(_IDS)
def test_numbers_are_distinct_and_within_the_limit_in_any_order(ids: list[str]) -> None:
    numbers = cloze_numbers(ids)

    assert numbers == cloze_numbers(reversed(ids))
    assert numbers.keys() == set(ids)
    assert len(set(numbers.values())) == len(ids)
    assert all(1 <= number <= MAX_NUMBER for number in numbers.values())


def test_of_two_ids_with_one_number_the_first_in_the_alphabet_keeps_it() -> None:
    by_number: dict[int, str] = {}
    for index in range(MAX_NUMBER):
        name = f"point-{index:03}"
        (number,) = cloze_numbers([name]).values()
        if number in by_number:
            break
        by_number[number] = name

    pair = cloze_numbers([by_number[number], name])

    assert pair == {by_number[number]: number, name: number % MAX_NUMBER + 1}


def test_as_many_ids_as_numbers_have_one_each_and_more_are_refused() -> None:
    ids = [f"point-{index}" for index in range(MAX_NUMBER)]

    assert sorted(cloze_numbers(ids).values()) == list(range(1, MAX_NUMBER + 1))
    with pytest.raises(ValueError, match="no more than 499 points"):
        cloze_numbers([*ids, "one-more"])
