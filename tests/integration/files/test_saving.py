"""Saving in the middle of trouble: a killed process, a full disk, another writer. No record is ever half written."""

import os
import signal
import sys
from pathlib import Path

import pytest

import trialdeck as td
from conftest import RECORD
from faults import System, at

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the paths of open files are those of Linux")

CHANGE = td.Change(("title",), "Dawnol, again", "Dawnol for Example Disease")
OLD, NEW = RECORD, RECORD.replace("Dawnol for Example Disease", "Dawnol, again")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "seeds" / "dawn-1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(OLD)
    return path


def calls_of_a_save(record: Path) -> int:
    with System(record.parent).watched() as system:
        td.edit(record, [CHANGE])
    assert record.read_text() == NEW
    record.write_text(OLD)
    return len(system.steps)


def save(record: Path, system: System) -> None:
    with system.watched():
        td.edit(record, [CHANGE])


def refusal_of_a_save(record: Path, system: System) -> str:
    try:
        save(record, system)
    except td.TrialdeckError as error:
        return error.message
    return ""


def was_killed(record: Path, moment: int, what: str) -> bool:
    """Save in a process of its own, which ends at some moment."""
    child = os.fork()
    if not child:
        save(record, System(record.parent, at(moment, what)))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_a_save_that_is_killed_leaves_the_old_record_or_the_new_one(record: Path) -> None:
    moments = [(number, what) for number in range(1, calls_of_a_save(record) + 1) for what in ("before", "after")]
    kills = 0
    while kills < 50:
        for number, what in moments:
            record.write_text(OLD)
            kills += was_killed(record, number, what)
            assert record.read_text() in {OLD, NEW}, (number, what)
            assert td.edit(record, [CHANGE]).conflicts == ()
            assert record.read_text() == NEW


def test_a_disk_that_refuses_changes_nothing_and_says_so(record: Path) -> None:
    faults = 0
    for moment in range(1, calls_of_a_save(record) + 1):
        record.write_text(OLD)
        message = refusal_of_a_save(record, System(record.parent, at(moment, "fail")))
        if message:
            faults += 1
            assert "cannot" in message
            assert record.read_text() == OLD
        assert td.edit(record, [CHANGE]).conflicts == ()
        assert record.read_text() == NEW
        assert [path.name for path in record.parent.iterdir() if not path.name.endswith(".tmp")] == ["dawn-1.yaml"]
    assert faults > 3


def test_a_full_disk_is_named(record: Path) -> None:
    act = {"write": "fail"}
    with pytest.raises(td.TrialdeckError, match=r"cannot write .*No space left on device") as refused:
        save(record, System(record.parent, lambda _, name, __: act.get(name, "")))
    assert refused.value.hint == "nothing was changed there"
    assert record.read_text() == OLD


def test_several_processes_lose_nothing_of_one_another(record: Path) -> None:
    fields = ["tested", "population", "comparator", "endpoint"]
    was = td.read_record(record).data
    children = []
    for number, name in enumerate(fields):
        if not (child := os.fork()):
            for step in range(8):
                before = was[name] if step == 0 else f"{name} {step - 1}"
                done = td.edit(record, [td.Change((name,), f"{name} {step}", before)])
                if done.conflicts or done.refused:
                    os._exit(1)
            os._exit(0)
        children.append((number, child))
    assert [os.waitpid(child, 0)[1] for _, child in children] == [0] * len(fields)
    now = td.read_record(record)
    assert [now.data[name] for name in fields] == [f"{name} 7" for name in fields]
    assert now.data["questions"] == was["questions"]


def test_a_text_that_others_have_changed_is_merged_or_left_alone(record: Path) -> None:
    ours = OLD.replace("Start early.", "Start late.")
    td.edit(record, [CHANGE])
    written = td.write_text(record, ours, was=OLD)
    assert (written.is_written, record.read_text()) == (True, NEW.replace("Start early.", "Start late."))
    again = td.write_text(record, OLD.replace("Start early.", "Never start."), was=OLD)
    assert (again.is_written, again.text) == (False, record.read_text())
    record.unlink()
    gone = td.write_text(record, ours, was=OLD)
    assert (gone.is_written, gone.text, record.exists()) == (False, None, False)
    assert td.write_text(record, ours, was=None).is_written
    assert record.read_text() == ours
    assert not td.write_text(record, OLD, was=None).is_written
    record.unlink()
    with pytest.raises(td.TrialdeckError, match="there is no"):
        td.edit(record, [CHANGE])


def test_line_breaks_and_the_mark_of_a_file_stay(record: Path) -> None:
    content = ("\ufeff" + OLD.replace("\n", "\r\n")).encode()
    record.write_bytes(content)
    assert td.read_record(record).text == OLD
    assert td.write_text(record, NEW, was=OLD).is_written
    assert record.read_bytes() == content.replace(b"Dawnol for Example Disease", b"Dawnol, again")
    assert td.write_text(record, "a: [", was=NEW).is_written
    broken = td.read_record(record)
    assert (broken.data, broken.problems[0].problem.code) == (None, "TD101")


def test_a_text_with_any_ends_of_lines_is_compared_without_them(record: Path) -> None:
    """A browser sends CR LF or line feeds, whatever the file has; other signs that end a line stay in the text."""
    odd = NEW.replace("Start early.", "Start\u2028early.")
    assert td.write_text(record, odd.replace("\n", "\r\n"), was=OLD.replace("\n", "\r\n")).is_written
    assert record.read_bytes() == odd.encode()


def test_a_link_out_of_the_project_is_not_edited(record: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(OLD)
    link = record.with_name("link.yaml")
    link.symlink_to(outside)
    for call in (lambda: td.edit(link, [CHANGE]), lambda: td.write_text(link, NEW, was=OLD)):
        with pytest.raises(td.TrialdeckError, match="leads out of its project"):
            call()
    assert outside.read_text() == OLD
