"""`ingest` of several files: one record a trial, folders, refusals beside records, and from a study to a package."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from studies import NCT, analysis, as_file, outcome, study
from trialdeck.cli import main

SAMPLES = Path(__file__).parents[4] / "shared" / "registry"
PAPER = (
    f"PMID- 7\nTI  - A paper.\nAU  - Doe J\nSI  - ClinicalTrials.gov/{NCT}\nAID - 10.1234/abc [doi]\nSO  - J. 2020.\n"
)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["ingest", *map(str, words)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.json").write_bytes(as_file(study(outcome(analysis(), analysis(paramType="Slope")))))
    (folder / "b.nbib").write_text(PAPER)
    other = study(outcome(analysis()), nct="NCT07654321")
    other["protocolSection"]["identificationModule"]["acronym"] = "DUSK-2"
    (folder / "c.json").write_bytes(as_file(other))
    return folder


def test_a_folder_gives_a_record_for_each_trial(files: Path, tmp_path: Path) -> None:
    result = run(files, "-o", tmp_path / "new")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["dawn-1.yaml", "dusk-2.yaml"]
    assert CliRunner().invoke(main, ["check", str(tmp_path / "new")]).exit_code == 0
    assert f'{files / "a.json"}:outcome 1, analysis 2: "Slope" 0.860' in result.stderr
    assert "1 not taken" in result.stderr


def test_several_trials_need_a_folder(files: Path) -> None:
    result = run(files)
    assert result.exit_code == 1
    assert "name a folder with -o" in result.stderr


def test_a_file_that_is_refused_does_not_stop_the_others(files: Path, tmp_path: Path) -> None:
    (files / "d.txt").write_bytes(b"%PDF-1.7")
    result = run(files, "-o", tmp_path / "new")
    assert result.exit_code == 1
    assert "d.txt: this is a PDF" in result.stderr
    assert (tmp_path / "new" / "dusk-2.yaml").exists()


def test_nothing_is_overwritten_and_nothing_written_where_one_exists(files: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "dusk-2.yaml").write_text("mine")
    assert run(files, "-o", tmp_path / "new").exit_code == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["dusk-2.yaml"]
    assert run(files, "-o", tmp_path / "new", "--force").exit_code == 0


def test_a_citation_goes_into_a_record(files: Path, tmp_path: Path) -> None:
    record = tmp_path / "dawn-1.yaml"
    assert run(files / "a.json", "-o", record).exit_code == 0
    result = run(files / "b.nbib", "--into", record)
    assert result.exit_code == 0, result.stderr
    assert "source.doi is now '10.1234/abc'" in result.stderr
    assert "  doi: 10.1234/abc\n" in record.read_text()
    assert "all of it already" in run(files / "b.nbib", "--into", record).stderr


def test_a_study_adds_to_a_record_what_it_lacks(files: Path, tmp_path: Path) -> None:
    whole, record = tmp_path / "whole.yaml", tmp_path / "dawn-1.yaml"
    assert run(files / "a.json", "-o", whole).exit_code == 0
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("population:")]
    assert len(kept) == len(lines) - 1
    signed = "".join(kept).replace("status: unreviewed", "status: reviewed, by: A. Reviewer, on: 2026-09-01")
    record.write_text(signed.replace("tested: ", "tested: Once a day, "), encoding="utf-8")
    result = run(files / "a.json", "--into", record)
    assert result.exit_code == 0, result.stderr
    assert f"{record}: population is new: " in result.stderr
    assert f"{record}: tested stays 'Once a day, " in result.stderr
    assert f"{record}: 1 part added" in result.stderr
    after = record.read_text(encoding="utf-8")
    assert next(line for line in lines if line.startswith("population:")) in after
    assert "tested: Once a day, " in after
    assert "by: A. Reviewer" in after
    assert "0 parts added" in run(files / "a.json", "--into", record).stderr
    assert record.read_text(encoding="utf-8") == after


def test_what_is_added_to_a_signed_record_is_not_reviewed(files: Path, tmp_path: Path) -> None:
    record = tmp_path / "dawn-1.yaml"
    assert run(files / "a.json", "-o", record).exit_code == 0
    text = record.read_text(encoding="utf-8")
    begins, ends = text.index("\nresults:"), text.index("\nreview:")
    signed = text[:begins] + text[ends:].replace("unreviewed", "reviewed, by: A. Reviewer, on: 2026-09-01")
    record.write_text(signed, encoding="utf-8")
    assert run(files / "a.json", "--into", record).exit_code == 0
    after = yaml.safe_load(record.read_text(encoding="utf-8"))
    assert after["results"]
    assert all(result["review"] == {"status": "unreviewed"} for result in after["results"])


def test_a_study_of_another_trial_is_refused(files: Path, tmp_path: Path) -> None:
    record = tmp_path / "other.yaml"
    assert run(files / "a.json", "-o", record).exit_code == 0
    before = record.read_text(encoding="utf-8").replace(NCT, "NCT09999999")
    record.write_text(before, encoding="utf-8")
    result = run(files / "a.json", "--into", record)
    assert result.exit_code == 1
    assert f"is about NCT09999999, and {files / 'a.json'} about {NCT}" in result.stderr
    assert record.read_text(encoding="utf-8") == before


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of the registry are not here")
def test_from_a_study_and_its_citation_to_a_package_in_two_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("paper.nbib").write_text(PAPER.replace(NCT, "NCT02540993"))
    drafted = run(SAMPLES / "NCT02540993.json", "paper.nbib", "-o", "seeds/fidelio-dkd.yaml")
    assert drafted.exit_code == 0
    page = (Path(__file__).parents[3] / "docs" / "ingest.md").read_text(encoding="utf-8")
    assert f"\n    {drafted.stderr.splitlines()[-1]}\n" in page
    built = CliRunner().invoke(main, ["build", "--out", "decks", "seeds"])
    assert built.exit_code == 0, built.output
    assert [path.suffix for path in Path("decks").glob("*.apkg")] == [".apkg"]


def test_notes_become_a_record_as_the_page_says(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    record = tmp_path / "new" / "dawn-2.yaml"
    drafted = run(root / "docs" / "examples" / "dawn-2-notes.md", "-o", record)
    assert drafted.exit_code == 0
    assert f"\n    {drafted.stderr.splitlines()[-1]}\n" in (root / "docs" / "ingest.md").read_text(encoding="utf-8")
    checked = CliRunner().invoke(main, ["check", str(record)])
    assert (checked.exit_code, "0 errors" in checked.stdout) == (0, True)


def test_notes_of_several_trials_are_parted_on_demand(tmp_path: Path) -> None:
    notes = tmp_path / "trials.md"
    notes.write_text("# DAWN-1\n\n## Results\n\nOne.\n\n# DUSK-2\n\n## Results\n\nTwo.\n", encoding="utf-8")
    refused = run(notes, "-o", tmp_path / "new")
    assert (refused.exit_code, "DAWN-1 (line 1); DUSK-2 (line 7)" in refused.stderr) == (1, True)
    assert run(notes, "--split", "-o", tmp_path / "new").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["dawn-1.yaml", "dusk-2.yaml"]


def test_notes_that_say_nothing_do_not_stop_the_others(files: Path, tmp_path: Path) -> None:
    (files / "todo.md").write_text("My list\nBuy milk\n", encoding="utf-8")
    result = run(files / "a.json", files / "todo.md", "-o", tmp_path / "one.yaml")
    assert (result.exit_code, (tmp_path / "one.yaml").exists()) == (1, True)
    assert f"{files / 'todo.md'}: the notes have nothing to ask about" in result.stderr


def test_a_download_of_many_studies_may_be_larger_than_a_page(tmp_path: Path) -> None:
    data = {"studies": [study(outcome(analysis()))], "filler": "x" * 6_000_000}
    (tmp_path / "search.json").write_bytes(as_file(data))
    assert run(tmp_path / "search.json", "-o", tmp_path / "dawn-1.yaml").exit_code == 0
    piped = CliRunner().invoke(main, ["ingest", "-"], input=as_file(data))
    assert "estimate: 0.860\n" in piped.stdout


def test_a_new_name_without_an_ending_is_a_folder(tmp_path: Path) -> None:
    for out in ("seeds", "other/"):
        (tmp_path / "notes.md").write_text("# DAWN-1\n\n## Results\n\nIt worked.\n", encoding="utf-8")
        result = run(tmp_path / "notes.md", "-o", f"{tmp_path}/{out}")
        assert result.exit_code == 0, result.stderr
        assert [path.suffix for path in (tmp_path / out.strip("/")).iterdir()] == [".yaml"]


def test_several_trials_and_the_name_of_a_file_are_refused_with_the_trials(tmp_path: Path) -> None:
    for name in ("DAWN-1", "DUSK-2"):
        notes = f"# {name}\n\n## Results\n\nIt worked.\n"
        (tmp_path / f"{name}.md").write_text(notes, encoding="utf-8")
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    result = run(*files, "-o", str(tmp_path / "all.yaml"))
    assert result.exit_code == 1
    assert "these are 2 trials: dawn-1 (" in result.stderr
    assert "name a folder with -o" in result.stderr
    assert not (tmp_path / "all.yaml").exists()
