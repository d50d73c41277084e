"""The order in which somebody new to the trials learns their cards."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trialdeck.notes.study_order import Lesson, Step, study_positions

CORE, MORE, APPRAISAL = range(3)


def queue(lessons: Sequence[Lesson]) -> list[int]:
    """The positions of the notes whose cards come one after the other."""
    dues = study_positions(lessons)
    return [note for _, note in sorted((due, note) for note, own in enumerate(dues) for due in own)]


def test_core_comes_first_then_the_others_then_appraisal() -> None:
    levels = [APPRAISAL, MORE, CORE, MORE]
    assert queue([Lesson("a", level, Step.MEANING, 1) for level in levels]) == [2, 1, 3, 0]


def test_a_trial_is_learned_step_by_step_whatever_the_order_of_its_record() -> None:
    steps = [Step.DESIGN, Step.RESULT, Step.SAFETY, Step.TESTED, Step.MEANING, Step.MECHANISM, Step.APPRAISAL]
    learned = [steps[note] for note in queue([Lesson("a", CORE, step, 1) for step in steps])]
    assert learned == sorted(Step)


def test_trials_take_turns() -> None:
    lessons = [Lesson(trial, MORE, Step.MEANING, 1) for trial in "aabbbc"]
    assert [lessons[note].trial for note in queue(lessons)] == list("abcabb")


def test_the_cards_of_a_note_keep_apart() -> None:
    lessons = [Lesson("a", CORE, Step.TESTED, 3), *[Lesson("a", CORE, Step.MEANING, 1)] * 6]
    assert queue(lessons) == [0, 1, 2, 3, 0, 4, 5, 6, 0]


LESSONS = st.lists(
    st.builds(Lesson, st.sampled_from("abc"), st.integers(0, 2), st.sampled_from(Step), st.integers(1, 5)), max_size=25
)


@given(LESSONS)
def test_each_place_is_taken_once_and_the_cards_of_a_note_keep_their_order(lessons: list[Lesson]) -> None:
    dues = study_positions(lessons)
    every = [due for own in dues for due in own]
    assert sorted(every) == list(range(1, sum(lesson.cards for lesson in lessons) + 1))
    assert all(list(own) == sorted(own) for own in dues)


@given(LESSONS)
def test_no_two_cards_of_a_note_meet_while_others_of_their_trial_and_level_wait(lessons: list[Lesson]) -> None:
    order = queue(lessons)
    for trial, level in {(lesson.trial, lesson.level) for lesson in lessons}:
        own = [note for note in order if (lessons[note].trial, lessons[note].level) == (trial, level)]
        for place, (note, following) in enumerate(pairwise(own)):
            assert note != following or set(own[place:]) == {note}
