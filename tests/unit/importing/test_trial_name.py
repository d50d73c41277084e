"""The name of a trial, as decks write it, has an acronym and a year in it."""

import pytest

from trialdeck.anki.importing.trial_name import TrialName, read_trial_name


@pytest.mark.parametrize(
    ("text", "name", "acronym", "year"),
    [
        ("DAWN-1 (2014)", "DAWN-1", "DAWN-1", "2014"),
        ("DAWN-1, 2014", "DAWN-1", "DAWN-1", "2014"),
        ("DAWN-Preserved (2003) Trial:\n", "DAWN-Preserved Trial", "DAWN-Preserved", "2003"),
        ("DawnMate 067", "DawnMate 067", "DawnMate 067", ""),
        ("ISIS-2", "ISIS-2", "ISIS-2", ""),
        ("TRIAL-2014", "TRIAL-2014", "TRIAL-2014", ""),
        ("Dawnol in heart failure (DAWN-HF)", "Dawnol in heart failure (DAWN-HF)", "DAWN-HF", ""),
        ("DAWN-1 (Lancet 2014)", "DAWN-1 (Lancet)", "", "2014"),
        ("DAWN-1 [2014]", "DAWN-1", "DAWN-1", "2014"),
        ("DAWN-1 2014", "DAWN-1", "DAWN-1", "2014"),
        ("DAWN-1(2014", "DAWN-1", "DAWN-1", "2014"),
        ("Basics", "Basics", "", ""),
        ("", "", "", ""),
    ],
)
def test_acronym_and_year_are_read(text: str, name: str, acronym: str, year: str) -> None:
    assert read_trial_name(text) == TrialName(name, acronym, year)


def test_arms_of_a_programme_are_trials_of_their_own() -> None:
    assert read_trial_name("DAWN (Added)").slug != read_trial_name("DAWN (Preserved)").slug


def test_the_word_trial_makes_no_other_trial() -> None:
    assert read_trial_name("DUSK-2 trial").slug == read_trial_name("DUSK-2 (2016)").slug == "dusk-2"
