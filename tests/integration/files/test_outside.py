"""A project of a stranger cannot make a command write outside: every command that writes, and all that it writes.

Whoever made the project has put links into it, or folders that look like those of an interrupted command.
"""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from projects import DAY, NOW, Project
from trialdeck.cli import main
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.transactions import COMMIT, LOCK, STAGING
from trialdeck.yamlfile.write_records import Rewrite, write_together
from writing import COMMANDS, SEALED, Command, edited, in_sheets, retired, two_records, with_site

DECKS = ("ledger.jsonl", "EDITIONS.md", "dawn-1.apkg", "noon-1.apkg")
REVIEW = ("review", "--by", "A. Reader", "--on", "2026-01-01")


def with_template(project: Project) -> None:
    two_records(project)
    (project.folder / "blank.xlsx").write_bytes(b"of an earlier day")


def ahead(project: Project) -> None:
    """A ledger of a machine whose clock was wrong."""
    two_records(project)
    project.build(NOW + DAY)


CALLS = {
    **COMMANDS,
    "build --check": Command(("build", "--check"), edited, 0),
    "build --dry-run": Command(("build", "--dry-run"), edited, 0),
    "ledger clamp": Command(("ledger", "clamp"), ahead, 0),
    "retire --forget": Command(("retire", "--forget", "dawn-1/question/why"), retired, 0),
    "review": Command(REVIEW, two_records, 0),
    "new without a place": Command(("new", "eve-2", "--title", "Evenol"), two_records, 0),
    "sheet template": Command(("sheet", "template", "-o", "blank.xlsx", "--force"), with_template, 0),
    "site --serve": Command(("site", "--serve"), with_site, 0),
}
WRITTEN: dict[str, tuple[str, ...]] = {
    "first build": tuple(f"decks/{name}" for name in (*DECKS, ".gitattributes")),
    "build": tuple(f"decks/{name}" for name in DECKS),
    "build of definitions": ("decks/ledger.jsonl", "decks/whole.apkg", "decks/views-clinical.apkg"),
    "build --check": tuple(f"decks/{name}" for name in DECKS),
    "build --dry-run": tuple(f"decks/{name}" for name in DECKS),
    "retire": ("decks/ledger.jsonl",),
    "retire --forget": ("decks/ledger.jsonl",),
    "ledger rebuild": ("decks/ledger.jsonl",),
    "ledger clamp": ("decks/ledger.jsonl",),
    "pull": ("seeds/dawn-1.yaml", "seeds/deep/noon-1.yaml"),
    "sheet import": ("seeds/dawn-1.yaml", "seeds/deep/noon-1.yaml", "seeds/new-1.yaml"),
    "sheet export": ("trials.xlsx",),
    "sheet export of CSV": ("sheets/Trials.csv", "sheets/Questions.csv"),
    "sheet template": ("blank.xlsx",),
    "import": ("seeds/dawn-1.yaml", "seeds/dusk-2.yaml"),
    "new": ("seeds/eve-2.yaml",),
    "new without a place": ("seeds/eve-2.yaml",),
    "ingest": ("seeds/eve-2.yaml",),
    "review": ("seeds/dawn-1.yaml",),
    "site": ("site/index.html", "site/trials/dawn-1.html", "site/packages/dawn-1.apkg", "site/site-files.json"),
    "site --serve": ("site/index.html", "site/trials/dawn-1.html"),
}
"""What each command writes, the first and the last of its files among them."""
FOLDERS: dict[str, tuple[str, ...]] = {
    "first build": ("decks",),
    "build": ("decks",),
    "build of definitions": ("decks",),
    "build --check": ("decks",),
    "build --dry-run": ("decks",),
    "retire": ("decks",),
    "retire --forget": ("decks",),
    "ledger rebuild": ("decks",),
    "ledger clamp": ("decks",),
    "pull": ("seeds",),
    "sheet import": ("seeds",),
    "import": ("seeds",),
    "new": ("seeds",),
    "new without a place": ("seeds",),
    "ingest": ("seeds",),
    "review": ("seeds",),
    "site": ("site", "site/trials", "site/packages"),
    "site --serve": ("site", "site/trials"),
}
"""Which folders each command writes into, unless the user names another; links below seeds are passed by."""
TRANSACTIONS = {
    **dict.fromkeys(("first build", "build", "build of definitions", "retire", "ledger rebuild"), "decks"),
    **dict.fromkeys(("pull", "sheet import", "import"), "seeds"),
    "build --check": "decks",
    "retire --forget": "decks",
    "ledger clamp": "decks",
    "sheet export of CSV": "sheets",
}
"""In which folder each command writes several files at once."""
LOCKED = {**TRANSACTIONS, "review": "seeds"}
del LOCKED["build --check"]


def run(project: Project, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        return CliRunner().invoke(main, words, input="y\n" * 20, env={**SEALED, "TRIALDECK_DEBUG": "1"})


class Attack:
    """A stranger's project, and files of the user beside it."""

    def __init__(self, folder: Path, words: tuple[str, ...]) -> None:
        self.words = words
        self.project = Project(folder / "clone")
        self.outside = folder / "home"
        self.outside.mkdir()
        (self.outside / "private").write_bytes(b"private\n")

    def at(self, name: str) -> Path:
        return self.project.folder / name

    def link(self, name: str, target: str) -> None:
        """Put a link to a file or folder of the user in the place of one of the project."""
        path = self.at(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.symlink_to(self.outside / target)

    def take(self, name: str) -> bool:
        """Move a file or folder of the project to those of the user, and put a link in its place."""
        if not self.at(name).exists():
            return False
        self.at(name).rename(self.outside / "taken")
        self.at(name).symlink_to(self.outside / "taken")
        return True

    def assert_refused(self, why: str) -> None:
        """The files of the user stay as they are, one line says what is wrong, and one what to do."""
        error, advice = self.assert_kept()
        assert why in error
        assert advice.startswith("\n    nothing was")
        assert "remove" in advice

    def assert_kept(self) -> tuple[str, str]:
        """The files of the user stay as they are; return the one line that says what is wrong, and what follows it."""
        before = contents(self.outside)
        done = run(self.project, *self.words)
        assert contents(self.outside) == before
        assert (done.exit_code, type(done.exception)) == (1, SystemExit), done.output
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, done.stderr
        return errors[0], done.stderr.split(errors[0])[1]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Project]:
    """A project for each command that was asked for, as it is before the attack."""
    return {}


@pytest.fixture
def attack_on(
    projects: dict[str, Project], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Attack]:
    """Make a project in which a command has something to do."""

    def made(name: str) -> Attack:
        if name not in projects:
            projects[name] = Project(tmp_path_factory.mktemp("project") / "clone")
            CALLS[name].prepare(projects[name])
        attack = Attack(tmp_path, CALLS[name].words)
        shutil.copytree(projects[name].folder, attack.project.folder)
        return attack

    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"<folder>"
        for path in folder.rglob("*")
    }


EVERY_FILE = [(name, file) for name, files in WRITTEN.items() for file in files]
READ_FIRST = {"seeds/dawn-1.yaml", "seeds/deep/noon-1.yaml"}
"""Records that are there: that one is a link to nowhere is said when it is read."""


@pytest.mark.parametrize(("name", "file"), EVERY_FILE)
def test_a_link_to_a_file_outside_is_not_written_through(
    name: str, file: str, attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on(name)
    is_there = attack.take(file)
    if not is_there:
        attack.link(file, "private")
    if not is_there and name in {"sheet import", "import"}:
        # What is there is read first, and is no record.
        attack.assert_kept()
    else:
        attack.assert_refused("leads out of")


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, file in EVERY_FILE if file not in READ_FIRST])
def test_a_link_to_nowhere_makes_no_file_outside(name: str, file: str, attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on(name)
    attack.link(file, "new")
    attack.assert_refused("leads out of")


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize(("name", "file"), [(name, file) for name, file in EVERY_FILE if file not in READ_FIRST])
def test_an_output_is_not_written_over_another_file_of_its_folder(
    name: str, file: str, is_there: bool, attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on(name)
    path = attack.at(file)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    other = min(path.parent.glob(f"*{path.suffix}"), default=path.with_name("other")) if is_there else Path("new")
    if is_there and not other.exists():
        other.write_bytes(b"settings")
    path.symlink_to(other.name)
    (attack.at("decks") / LOCK).parent.mkdir(exist_ok=True)
    (attack.at("decks") / LOCK).touch()
    before = contents(attack.project.folder)
    done = run(attack.project, *attack.words)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit), done.output
    assert path.name in done.stderr
    assert contents(attack.project.folder) == before


def test_two_outputs_of_a_site_are_not_one_file(attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on("site")
    attack.project.record("search")
    shutil.rmtree(attack.at("site/trials"))
    attack.at("site/trials").symlink_to(".")
    before = contents(attack.at("site"))
    attack.assert_refused("site/search.html and site/trials/search.html are one file, through a link")
    assert contents(attack.at("site")) == before


def test_two_records_of_an_import_are_not_one_file(attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on("import")
    attack.at("seeds/dusk-2.yaml").symlink_to("dawn-1.yaml")
    before = contents(attack.project.folder)
    attack.assert_refused("seeds/dusk-2.yaml is there, but is the record of 'dawn-1'")
    assert contents(attack.project.folder) == before


def test_files_that_a_link_makes_one_are_not_written_together(tmp_path: Path) -> None:
    real, link = tmp_path / "dawn-1.yaml", tmp_path / "noon-1.yaml"
    real.write_bytes(b"old")
    link.symlink_to(real.name)
    both = [Rewrite(str(path), real, tmp_path, b"old", after) for path, after in ((real, b"new"), (link, b"other"))]
    with pytest.raises(TrialdeckError, match=r"noon-1\.yaml and .*dawn-1\.yaml are one file, through a link"):
        write_together(both, "again")
    assert real.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "folder"), [(name, folder) for name, folders in FOLDERS.items() for folder in folders]
)
def test_a_folder_that_is_a_link_out_of_the_project_is_not_written_into(
    name: str, folder: str, attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on(name)
    if not attack.take(folder):
        attack.link(folder, ".")
    attack.assert_refused("leads out of")


@pytest.mark.parametrize("name", TRANSACTIONS)
def test_a_commit_that_came_with_the_project_is_not_completed(name: str, attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on(name)
    folder = TRANSACTIONS[name]
    attack.link(f"{folder}/x", "private")
    commit = attack.at(f"{folder}/{COMMIT}")
    commit.mkdir()
    (commit / "0-x").write_bytes(b"overwritten")
    (commit / "000000-x").write_bytes(b"overwritten")
    attack.assert_refused("may have come with the project")
    assert (commit / "0-x").exists()
    shutil.rmtree(commit)
    attack.at(f"{folder}/x").unlink()
    assert run(attack.project, *attack.words).exit_code == (1 if "--check" in attack.words else 0)


@pytest.mark.parametrize("target", ["private", "folder", "new"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in TRANSACTIONS for kind in (COMMIT, STAGING) if kind == COMMIT or name in LOCKED],
)
def test_the_folders_of_a_transaction_are_no_links(
    name: str, kind: str, target: str, attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on(name)
    (attack.outside / "folder").mkdir()
    (attack.outside / "folder" / "000000-x").write_bytes(b"private")
    attack.link(f"{TRANSACTIONS[name]}/{kind}", target)
    attack.assert_refused(f"{kind} is a link to {attack.outside / target}")


@pytest.mark.parametrize("target", ["private", "new"])
@pytest.mark.parametrize("name", LOCKED)
def test_the_lock_is_no_link(name: str, target: str, attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on(name)
    attack.link(f"{LOCKED[name]}/{LOCK}", target)
    attack.assert_refused(f"{LOCK} is a link to {attack.outside / target}")


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"site --serve"}))
def test_without_an_attack_each_command_does_its_work(name: str, attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on(name)
    before = contents(attack.project.folder)
    done = run(attack.project, *attack.words)
    after = contents(attack.project.folder)
    if name.startswith("build --"):
        assert after == before
        assert done.exit_code == (1 if "--check" in attack.words else 0)
    else:
        assert done.exit_code == 0, done.output
        assert {file for file in WRITTEN[name] if after[file] != before.get(file)}


def test_a_site_removes_nothing_outside(attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on("site")
    manifest = attack.at("site/site-files.json")
    digest = sha256(b"private\n").hexdigest()
    text = manifest.read_text(encoding="utf-8").replace('"files": {', f'"files": {{"old/private": "{digest}",', 1)
    manifest.write_text(text, encoding="utf-8")
    attack.link("site/old", ".")
    attack.assert_refused("site/old is a link that leads out of the site")


@pytest.mark.parametrize("name", ["old\\u0000/x", "\\ud800", "../private", "/etc/passwd"])
def test_a_name_in_the_list_of_a_site_that_no_file_of_it_can_have_is_passed_by(
    name: str, attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on("site")
    manifest = attack.at("site/site-files.json")
    text = manifest.read_text(encoding="utf-8").replace('"files": {', f'"files": {{"{name}": "0",', 1)
    manifest.write_text(text, encoding="utf-8")
    before = contents(attack.outside)
    assert run(attack.project, *attack.words).exit_code == 0
    assert contents(attack.outside) == before
    assert name not in manifest.read_text(encoding="utf-8")


# What a user means


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("first build", ("build", "--out", "named")),
        ("site", ("site", "--out", "named")),
        ("import", ("import", "facts.apkg", "--map", "map.yaml", "--out", "named")),
        ("sheet export of CSV", ("sheet", "export", "-o", "named")),
    ],
)
def test_a_folder_that_is_named_may_be_a_link(
    name: str, words: tuple[str, ...], attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on(name)
    attack.link("named", "decks")
    (attack.outside / "decks").mkdir()
    done = run(attack.project, *words)
    assert done.exit_code == 0, done.output
    assert len(contents(attack.outside / "decks")) > 1


@pytest.mark.parametrize("name", ["pull", "sheet import", "review", "import"])
def test_a_record_behind_a_link_in_the_project_is_edited_there(name: str, attack_on: Callable[[str], Attack]) -> None:
    attack = attack_on(name)
    real = attack.at("shared/dawn-1.yaml")
    real.parent.mkdir()
    attack.at("seeds/dawn-1.yaml").rename(real)
    attack.at("seeds/dawn-1.yaml").symlink_to("../shared/dawn-1.yaml")
    before = real.read_bytes()
    assert run(attack.project, *attack.words).exit_code == 0
    assert real.read_bytes() != before
    assert attack.at("seeds/dawn-1.yaml").is_symlink()


def test_a_project_behind_a_link_is_worked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "real")
    in_sheets(project)
    (tmp_path / "link").symlink_to(project.folder)
    monkeypatch.chdir(tmp_path)
    by_link = ["build", "link/seeds", "--out", "link/decks"]
    assert CliRunner().invoke(main, by_link, env={"SOURCE_DATE_EPOCH": str(NOW)}).exit_code == 0
    assert run(Project(tmp_path / "link"), "sheet", "import", "trials.xlsx").exit_code == 0
    assert CliRunner().invoke(main, ["review", "link/seeds", "--by", "A"], input="y\n" * 40).exit_code == 0


@pytest.mark.parametrize("words", [("new", "eve-2", "--title", "Evenol", "-o"), ("ingest", "page.txt", "-o")])
def test_the_folder_of_a_file_that_is_named_stays_in_its_project(
    words: tuple[str, ...], attack_on: Callable[[str], Attack]
) -> None:
    attack = attack_on("ingest")
    attack.link("drafts", ".")
    attack.words = (*words, "drafts/private", "--force")
    attack.assert_refused("drafts is a link that leads out of the project")
    attack.words = (*words, str(attack.outside / "eve-2.yaml"))
    assert run(attack.project, *attack.words).exit_code == 0
