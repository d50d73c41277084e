"""The ledger: a rebuild touches what changed, and nothing else."""

import io
import json
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as some

from anki_releases import RELEASES, REPORT, Release, Report, run, set_field
from builds import build
from packages import open_package
from trialdeck.core import transactions
from trialdeck.core.errors import TrialdeckError
from trialdeck.editions.ledger import Ledger, read_ledger
from trialdeck.editions.ledger_file import LedgerFile
from trialdeck.editions.next_edition import BuildTime, Coverage, next_lines
from trialdeck.notes.note import guid_of
from trialdeck.project.build_result import BuiltPackage
from trialdeck.records.settings import Split

NOW = 1_790_000_000
Write = Callable[..., Path]


def built_at(record: Path, out: Path, time: int, split: Split = Split.TRIAL) -> tuple[BuiltPackage, ...]:
    return build([record], split, out, time)


def stamps(built: BuiltPackage) -> dict[str, int]:
    return open_package(built.path).changed


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({}, set()),
        ({"It binds": "It blocks"}, {"dawn-1/question/why"}),
        ({"audience: [student]": "audience: [resident]"}, {"dawn-1/question/why"}),
        ({"by {{c1::two months}}": "by two {{c1::months}}"}, {"dawn-1/key-findings/relapse/cloze/delay"}),
        ({"tested: Duskol,": "tested: Duskol twice,"}, {"dusk-2/trial"}),
        ({"  - {id: short,": "  - {id: long, text: Long.}\n  - {id: short,"}, {"dawn-1/limitations/points"}),
    ],
)
def test_only_what_changed_gets_the_new_time(
    changes: dict[str, str], touched: set[str], write_record: Write, tmp_path: Path
) -> None:
    built_at(write_record(), tmp_path / "out", NOW)
    (built,) = built_at(write_record(changes=changes), tmp_path / "out", NOW + 60)
    assert {key for key, changed in stamps(built).items() if changed == NOW + 60} == touched
    assert set(stamps(built).values()) <= {NOW, NOW + 60}


def test_both_splits_share_one_ledger(write_record: Write, tmp_path: Path) -> None:
    record = write_record()
    built_at(record, tmp_path / "out", NOW)
    parts = built_at(record, tmp_path / "out", NOW + 60, Split.PERSPECTIVE)
    assert {changed for part in parts for changed in stamps(part).values()} == {NOW}


def test_the_order_of_questions_is_no_change_of_a_note(write_record: Write, tmp_path: Path) -> None:
    # Learners meet the questions of one perspective in the order of the record.
    alike = {"perspective: clinical": "perspective: mechanism"}
    (built,) = built_at(write_record(changes=alike), tmp_path / "out", NOW)
    assert questions_of(built.path) == ["dawn-1/question/why", "dawn-1/question/whom"]
    text = write_record(changes=alike).read_text(encoding="utf-8")
    start, end = text.index("  - id: why"), text.index("  - id: whom")
    turned = text.replace(text[start:end], "").replace("related_trials:", text[start:end] + "related_trials:")
    (built,) = built_at(write_record(text=turned), tmp_path / "out", NOW + 60)
    assert set(stamps(built).values()) == {NOW}
    assert questions_of(built.path) == ["dawn-1/question/whom", "dawn-1/question/why"]


def questions_of(package: Path) -> list[str]:
    """The keys of the questions of a package, in the order in which learners meet them."""
    return [key for key, *_ in open_package(package).cards if "/question/" in key]


def test_a_renamed_question_keeps_its_line_and_its_row(write_record: Write, tmp_path: Path) -> None:
    (built,) = built_at(write_record(), tmp_path / "out", NOW)
    before = open_package(built.path)
    renamed = write_record(changes={"id: why\n": "id: how\n    formerly: [why]\n"})
    built_at(renamed, tmp_path / "out", NOW + 60)
    after = open_package(built.path)
    lines = {line.key: line for line in read_ledger(tmp_path / "out" / "ledger.jsonl").notes}
    assert "dawn-1/question/why" not in lines
    assert (lines["dawn-1/question/how"].created, lines["dawn-1/question/how"].changed) == (NOW, NOW + 60)
    assert sorted(before.row_ids) == sorted(after.row_ids)


def test_a_clock_that_was_set_back_makes_no_change_look_old(write_record: Write, tmp_path: Path) -> None:
    built_at(write_record(), tmp_path / "out", NOW)
    (built,) = built_at(write_record(changes={"It binds": "It blocks"}), tmp_path / "out", NOW - 1000)
    assert stamps(built)["dawn-1/question/why"] == NOW + 1


def test_a_note_type_has_a_time_of_its_own(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from msgspec.structs import replace

    from trialdeck.notes.note_types import Kind, NoteType, note_type
    from trialdeck.project import next_ledger as ledgers

    record = write_record()
    built_at(record, tmp_path / "out", NOW)

    def restyled(kind: Kind) -> NoteType:
        style = ".card {}" if kind is Kind.CLOZE else note_type(kind).style
        return replace(note_type(kind), style=style)

    monkeypatch.setattr(ledgers, "note_type", restyled)
    (built,) = built_at(record, tmp_path / "out", NOW + 60)
    models = open_package(built.path).models
    assert {name: model["mod"] for name, model in models.items()} == {
        "Trialdeck Question": NOW,
        "Trialdeck Cloze": NOW + 60,
        "Trialdeck Trial": NOW,
    }
    assert set(stamps(built).values()) == {NOW}


def test_the_file_is_one_sorted_line_a_key(write_record: Write, tmp_path: Path) -> None:
    built_at(write_record(), tmp_path / "out", NOW)
    rows = (tmp_path / "out" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    keys = [json.loads(row)["key"] for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == 10 + 3
    assert json.loads(rows[3]) == {
        "key": "dawn-1/key-findings/points",
        "guid": guid_of("dawn-1/key-findings/points"),
        "hash": json.loads(rows[3])["hash"],
        "own": json.loads(rows[3])["own"],
        "created": NOW,
        "changed": NOW,
        "since": "2026-09-21",
        "edition": "2026-09-21",
        "kind": "cloze",
        "label": "Key findings of DAWN-1 Dawnol delayed relapse by two months.",
        "record": f"{tmp_path.name}/dawn-1.yaml",
        "cards": [189],
        "published": json.loads(rows[3])["published"][:1],
        "tags": [
            "trialdeck::level::more",
            "trialdeck::perspective::clinical",
            "trialdeck::specialty::cardiology",
            "trialdeck::topic::example-disease",
            "trialdeck::trial::dawn-1",
        ],
    }


def test_a_note_that_stands_twice_is_taken_as_it_was_changed_last(write_record: Write, tmp_path: Path) -> None:
    ledger = tmp_path / "out" / "ledger.jsonl"
    built_at(write_record(), tmp_path / "out", NOW)
    base = ledger.read_text(encoding="utf-8")
    changed = write_record(changes={"It binds": "It blocks"})
    (built,) = built_at(changed, tmp_path / "out", NOW + 60)
    merged = ledger.read_text(encoding="utf-8")
    for text in (base + merged, merged + base):
        ledger.write_text(text, encoding="utf-8")
        before = built.path.read_bytes()
        built_at(changed, tmp_path / "out", NOW + 120)
        assert (ledger.read_text(encoding="utf-8"), built.path.read_bytes()) == (merged, before)


def test_the_lines_of_an_older_trialdeck_are_read_and_completed(write_record: Write, tmp_path: Path) -> None:
    ledger = tmp_path / "out" / "ledger.jsonl"
    (built,) = built_at(write_record(), tmp_path / "out", NOW)
    short = ("key", "guid", "hash", "created", "changed")
    rows = [json.loads(row) for row in ledger.read_text(encoding="utf-8").splitlines()]
    ledger.write_text("".join(json.dumps({name: row[name] for name in short}) + "\n" for row in rows), encoding="utf-8")
    built_at(write_record(), tmp_path / "out", NOW + 60)
    completed = [json.loads(row) for row in ledger.read_text(encoding="utf-8").splitlines()]
    assert [row["kind"] for row in completed if "/" in row["key"] and ":" not in row["key"]]
    assert set(stamps(built).values()) == {NOW}


def test_two_authors_merge_line_by_line(write_record: Write, tmp_path: Path) -> None:
    ledger = tmp_path / "out" / "ledger.jsonl"
    built_at(write_record(), tmp_path / "out", NOW)
    base = ledger.read_text(encoding="utf-8").splitlines()
    built_at(write_record(changes={"It binds": "It blocks"}), tmp_path / "out", NOW + 60)
    ours = ledger.read_text(encoding="utf-8").splitlines()
    assert sum(one != other for one, other in zip(base, ours, strict=True)) == 1


def test_a_ledger_that_is_lost_with_its_packages_costs_a_full_update(write_record: Write, tmp_path: Path) -> None:
    built_at(write_record(), tmp_path / "out", NOW)
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    (built,) = built_at(write_record(), tmp_path / "out", NOW + 60)
    assert set(stamps(built).values()) == {NOW + 60}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:-20], "ledger.jsonl:13:1: this line of the ledger is damaged"),
        (lambda text: "<<<<<<< ours\n" + text, "ledger.jsonl:1:1: a merge conflict is not resolved"),
        (lambda text: text.replace('"tags":[', '"tags":[1,', 1), "ledger.jsonl:4:1: this line of the ledger"),
        (lambda text: text.replace('{"key"', '{"kex"', 1), "ledger.jsonl:1:1: this line of the ledger is damaged"),
        (lambda text: "[]\n" + text, "ledger.jsonl:1:1: this line of the ledger is damaged"),
        (lambda text: text.replace(f'"changed":{NOW}', '"changed":"now"', 1), "ledger.jsonl:1:1: this line"),
        (lambda text: "\n" + text, "ledger.jsonl:1:1: this line of the ledger is damaged"),
    ],
)
def test_a_damaged_ledger_is_an_error_and_stays_as_it_is(
    damage: Callable[[str], str], message: str, write_record: Write, tmp_path: Path
) -> None:
    (built,) = built_at(write_record(), tmp_path / "out", NOW)
    ledger, package = tmp_path / "out" / "ledger.jsonl", built.path.read_bytes()
    damaged = damage(ledger.read_text(encoding="utf-8"))
    ledger.write_text(damaged, encoding="utf-8")
    with pytest.raises(TrialdeckError, match=message) as caught:
        built_at(write_record(changes={"It binds": "It blocks"}), tmp_path / "out", NOW + 60)
    assert caught.value.hint
    assert ledger.read_text(encoding="utf-8") == damaged
    assert built.path.read_bytes() == package


def test_a_ledger_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_bytes(b"\xff")
    with pytest.raises(TrialdeckError, match=r"ledger\.jsonl:1:1: this line of the ledger is damaged"):
        read_ledger(tmp_path / "ledger.jsonl")


def test_row_ids_that_collide_are_moved_apart(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialdeck.apkg.row_ids.SPREAD", 3)
    (built,) = built_at(write_record(), tmp_path / "out", NOW)
    ids = open_package(built.path).row_ids
    assert len(ids) == len(set(ids))


def test_an_empty_build_has_an_empty_ledger() -> None:
    nothing = Coverage(frozenset(), frozenset(), frozenset())
    assert next_lines([], [], "", nothing, BuildTime(NOW, "1"), {}) == []
    assert Ledger({}).text == ""


def test_a_second_build_waits_for_the_first(
    write_record: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "WAIT", 0.05)
    (tmp_path / "out").mkdir()
    with (
        FileLock(tmp_path / "out" / ".trialdeck.lock"),
        pytest.raises(TrialdeckError, match="another build has been writing into"),
    ):
        built_at(write_record(), tmp_path / "out", NOW)
    assert built_at(write_record(), tmp_path / "out", NOW)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_learners_own_words_survive_an_update_elsewhere(
    release: Release, write_record: Write, tmp_path: Path
) -> None:
    # Anki 2.1.56 to 24.11 stamp an imported note with the time of the import: the next edition is built later.
    first, second = tmp_path / "first", tmp_path / "second"
    (old,) = built_at(write_record(), first, NOW)
    second.mkdir()
    (second / "ledger.jsonl").write_bytes((first / "ledger.jsonl").read_bytes())
    (new,) = built_at(write_record(changes={"It binds": "It blocks"}), second, 2_100_000_000)
    guids = open_package(old.path).guids
    mine = [set_field(guids[key], "Extra", f"mine: {key}") for key in sorted(guids) if key != "dawn-1/question/why"]
    report: Report = run(release, old.path, *mine, new.path, REPORT)[-1]
    kept = {note.key for note in report.notes if note.fields["Extra"] == f"mine: {note.key}"}
    assert kept == set(guids) - {"dawn-1/question/why"}
    assert "It blocks" in report.note("dawn-1/question/why").fields["Response"]


@pytest.mark.parametrize("split", [Split.TRIAL, Split.PERSPECTIVE])
def test_the_shipped_ledger_fits_the_shipped_records(split: Split, root: Path, tmp_path: Path) -> None:
    # If this fails, records or note types have changed: run `make decks` and commit decks/ledger.jsonl with them.
    shipped = (root / "decks" / "ledger.jsonl").read_bytes()
    (tmp_path / "ledger.jsonl").write_bytes(shipped)
    build([root / "seeds"], split, tmp_path, 2_100_000_000)
    assert (tmp_path / "ledger.jsonl").read_bytes() == shipped


@given(sizes=some.lists(some.sampled_from([1, 40, 400_000, 1_100_000]), min_size=1, max_size=12), data=some.data())
def test_lines_are_copied_as_they_stand(sizes: list[int], data: some.DataObject) -> None:
    """Whether they follow each other in the file or not, and however many there are."""
    rows = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    starts = accumulate([0, *sizes])
    file = io.BytesIO(b"".join(rows))
    ledger = LedgerFile(Path(), file, {str(n): part for n, part in enumerate(zip(starts, sizes, strict=False))})
    chosen = data.draw(some.lists(some.sampled_from(range(len(rows))), max_size=12))
    target = io.BytesIO()
    ledger.copy(map(str, chosen), target)
    assert target.getvalue() == b"".join(rows[each] for each in chosen)
