"""What an edition changes, as data; how far a build has come; and what a caller that stops it leaves behind."""

import threading
import time
from pathlib import Path

import pytest

import trialdeck as td
from projects import DAY, NOW, Project
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.locks import file_lock
from trialdeck.core.transactions import LOCK
from trialdeck.editions.consent import CONSENTS
from trialdeck.editions.risks import REFUSED


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.record("dawn-1")
    project.settings("homepage: https://decks.example.org/")
    project.define("main", "name: Main", "split: trial")
    return project


def loaded(project: Project) -> td.Project:
    return td.load(project.folder, cache=project.folder / "cache")


def test_a_corrected_answer_is_a_change_word_by_word(project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", response="It blocks")
    changes = td.diff(loaded(project))
    (note,) = changes.changed
    assert (note.key, note.trial, note.sent) == ("dawn-1/question/why", "dawn-1", True)
    (text,) = note.texts
    assert [(piece.kind.value, piece.text) for piece in text.pieces if piece.kind.value != "same"] == [
        ("removed", "binds"),
        ("added", "blocks"),
    ]
    assert [change.code for change in changes.learners] == ["content-replaced"]
    assert (changes.refused, changes.new, changes.retired) == ((), (), ())
    assert "**Changed**" in changes.release_notes


def test_new_facts_stand_apart_from_own_content(project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", title="Dawnol for Everybody")
    changes = td.diff(loaded(project))
    (facts,) = changes.new_facts
    assert facts.trial == "dawn-1"
    assert facts.notes > 1
    assert all(note.key == "dawn-1/trial" for note in changes.changed)


def test_a_refused_change_has_a_consent_and_what_to_do_instead(project: Project) -> None:
    project.build(NOW - DAY)
    project.edit("dawn-1", why="")
    for package in project.decks.glob("*.apkg"):
        package.unlink()
    changes = td.diff(loaded(project))
    (retired,) = changes.retired
    assert retired.key == "dawn-1/question/why"
    (refused,) = changes.refused
    assert refused.code == "texts-lost"
    assert refused.consent.agreement.startswith("learners lose the text")
    with pytest.raises(td.RefusedReleaseError) as caught:
        td.build(loaded(project))
    assert caught.value.refused == changes.refused
    assert td.build(loaded(project), allow=["texts-lost"]).counts["retired"] == 1


def test_every_refused_change_has_a_consent_without_commands() -> None:
    assert set(CONSENTS) == set(REFUSED)
    for consent in CONSENTS.values():
        words = f"{consent.agreement} {consent.instead}"
        assert [part for part in ("`", "--", "YAML", "trialdeck ") if part in words] == []


def test_the_edition_of_the_settings_is_the_one_that_comes(project: Project) -> None:
    project.settings("edition: 2027.10")
    assert td.diff(loaded(project)).edition == "2027.10"
    assert td.build(loaded(project)).edition == "2027.10"


def test_a_trial_that_no_deck_takes_is_named(project: Project) -> None:
    project.define("main", "name: Main", "select: {trials: [dawn-1]}")
    project.record("noon-1")
    assert td.diff(loaded(project)).trials_in_no_deck == ("noon-1",)
    assert td.build(loaded(project)).trials_in_no_deck == ("noon-1",)


def test_a_build_says_how_far_it_has_come_and_what_it_brought(project: Project) -> None:
    steps: list[td.Progress] = []
    built = td.build(loaded(project), progress=steps.append)
    assert next(step.stage for step in steps if step.done == 0) == "reading records"
    assert all(0 <= step.done <= step.total for step in steps)
    assert built.release_notes == project.notes.partition("# Editions\n\n")[2].replace(
        f"<!-- edition {built.edition}: what follows is rewritten by every build of it -->\n", ""
    ).replace(f"<!-- end of edition {built.edition} -->\n", "")


def test_what_the_callback_raises_ends_a_build_that_has_written_nothing(project: Project) -> None:
    class StoppedError(Exception):
        pass

    def stop(step: td.Progress) -> None:
        if step.stage == "comparing notes":
            raise StoppedError

    project.build(NOW - DAY)
    before = {path.name: path.read_bytes() for path in project.decks.iterdir() if path.name != LOCK}
    project.edit("dawn-1", response="It blocks")
    with pytest.raises(StoppedError):
        td.build(loaded(project), progress=stop)
    assert {path.name: path.read_bytes() for path in project.decks.iterdir() if path.name != LOCK} == before
    assert td.build(loaded(project)).counts["changed"] == 1


def test_a_build_that_waits_for_another_says_so(project: Project) -> None:
    """The lock is let go as soon as the build has said that it waits."""
    waiting = threading.Event()
    stages: list[str] = []

    def note(step: td.Progress) -> None:
        stages.append(step.stage)
        if step.stage == "waiting for another build":
            waiting.set()

    project.decks.mkdir(exist_ok=True)
    with file_lock(project.decks / LOCK, 0):
        build = threading.Thread(target=lambda: td.build(loaded(project), progress=note))
        build.start()
        assert waiting.wait(60)
    build.join(60)
    assert (project.decks / "main-dawn-1.apkg").is_file()


def test_the_last_build_is_known_until_something_is_touched(project: Project) -> None:
    assert td.last_build(loaded(project)) is None
    built = td.build(loaded(project))
    # Files that were changed just before the build are not trusted: they may change again in the same moment.
    time.sleep(0.15)
    built = td.build(loaded(project))
    last = td.last_build(loaded(project))
    assert last
    assert (last.packages, last.edition) == (built.packages, built.edition)
    project.edit("dawn-1", response="It blocks")
    assert td.last_build(loaded(project)) is None


def test_a_profile_gives_the_packages_of_the_command_line(project: Project) -> None:
    profile = project.folder / "me.yaml"
    profile.write_text("format: 1\nstage: fellow\n", encoding="utf-8")
    blobs = td.package_bytes(loaded(project), profile=profile)
    assert list(blobs) == ["dawn-1.apkg"]
    assert "why" not in {note.fields["Key"].rpartition("/")[2] for note in read(blobs["dawn-1.apkg"], project.folder)}
    with pytest.raises(td.TrialdeckError, match="a profile says for whom"):
        td.build(loaded(project), profile=profile, deck="main")
    profile.write_text("format: 1\nstage: boss\n", encoding="utf-8")
    with pytest.raises(td.TrialdeckError) as caught:
        td.build(loaded(project), profile=profile)
    assert caught.value.problems


def read(blob: bytes, folder: Path) -> tuple[PackedNote, ...]:
    path = folder / "read.apkg"
    path.write_bytes(blob)
    return td.read_package(path).notes
