"""Projects in git: two branches of a project that are edited at random, built, merged and built again."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from projects import DAY
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.editions.ledger import FILE, Ledger, read_ledger
from trialdeck.editions.risks import REFUSED
from trialdeck.project import build as building
from trialdeck.project.build_result import BuildResult
from trialdeck.project.check import FaultyRecordsError
from trialdeck.records.settings import DeckDefinition, Split

FIRST = 1_700_000_000
"""When the common edition is built; all other times lie around it, none of them in the future."""
PACKAGING = (
    DeckRequest((BY_TRIAL,), allow=REFUSED),
    DeckRequest((DeckDefinition("", "", split=Split.PERSPECTIVE, subdecks=Split.TRIAL),), allow=REFUSED),
)


def git(folder: Path, *arguments: str, may_fail: bool = False) -> str:
    """Run git as anybody has it, without the settings of this machine, and return what it prints."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    settings = ["user.name=Somebody", "user.email=somebody@example.org", "commit.gpgsign=false"]
    command = ["git", *(part for setting in settings for part in ("-c", setting)), *arguments]
    environment = {**surroundings, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert may_fail or done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Question:
    """A question of a record; few answers are possible, so that two branches may give the same one."""

    id: str
    answer: int = 0
    formerly: tuple[str, ...] = ()
    guid: str = ""

    @property
    def text(self) -> str:
        lines = [
            f"  - id: {self.id}",
            *([f"    formerly: [{', '.join(self.formerly)}]"] if self.formerly else []),
            *([f"    guid: {self.guid}"] if self.guid else []),
            "    perspective: clinical",
            "    audience: [fellow]",
            f"    question: What is told of {self.guid or (*self.formerly, self.id)[0]}?",
            "    # The answer stands apart, so that git merges a change of it with a change of the id.",
            f"    response: Answer {self.answer}.",
            f'    cloze: {{said: "They say {{{{c1::answer {self.answer}}}}}."}}',
        ]
        return "\n".join(lines) + "\n"


@dataclass
class Record:
    """A record; `comparator` is content that all of its notes share."""

    id: str
    questions: list[Question]
    formerly: tuple[str, ...] = ()
    summary: int = 0
    limitation: int = 0
    comparator: int = 0
    related: int = 0

    @property
    def text(self) -> str:
        formerly = f"formerly: [{', '.join(self.formerly)}]\n" if self.formerly else ""
        return (
            f"format: 1\nid: {self.id}\n{formerly}acronym: {(*self.formerly, self.id)[0].upper()}\n"
            f"title: A Trial of Hands\n\ntested: Emberol\n\ncomparator: Placebo {self.comparator}\n\n"
            f"summary: Summary {self.summary}.\n\n"
            f"limitations:\n  - {{id: short, text: Limitation {self.limitation}.}}\n\n"
            f"questions:\n{''.join(question.text for question in self.questions)}\n"
            f"related_trials:\n  - {{id: haze-9, name: HAZE-9, tested: Hazemab {self.related}, endpoint: Sight}}\n"
        )


@dataclass
class Branch:
    """The records of a branch by the names of their files, and what makes them other ones."""

    name: str
    dice: random.Random
    records: dict[str, Record] = field(default_factory=dict)

    @classmethod
    def first(cls, dice: random.Random) -> "Branch":
        """The common records of both branches."""
        questions = {trial: [Question(f"{trial}-{name}") for name in ("why", "whom", "when")] for trial in "ab"}
        questions["a"].append(Question("a-own", guid="own-guid"))
        return cls("main", dice, {f"{name}.yaml": Record(f"{name}-1", those) for name, those in questions.items()})

    def begun(self, name: str) -> "Branch":
        """A branch that begins here."""
        return Branch(name, self.dice, deepcopy(self.records))

    def edit(self) -> None:
        """Make one to four edits."""
        for _ in range(self.dice.randint(1, 4)):
            self.dice.choice(_EDITS)(self, self.dice.choice(list(self.records.values())))

    def write(self, seeds: Path) -> None:
        shutil.rmtree(seeds, ignore_errors=True)
        seeds.mkdir(parents=True)
        for name, record in self.records.items():
            (seeds / name).write_text(record.text, encoding="utf-8")

    def reword(self, record: Record) -> None:
        self.dice.choice(record.questions).answer = self.dice.randint(0, 2)

    def reword_other(self, record: Record) -> None:
        name = self.dice.choice(["summary", "limitation", "comparator", "related"])
        setattr(record, name, self.dice.randint(0, 2))

    def add(self, record: Record) -> None:
        name = f"new-{self.dice.randint(1, 2)}"
        if all(name not in {each.id, *each.formerly} for each in record.questions):
            place = self.dice.choice([0, len(record.questions)])
            record.questions.insert(place, Question(name, self.dice.randint(0, 2)))

    def withdraw(self, record: Record) -> None:
        if len(record.questions) > 1:
            record.questions.remove(self.dice.choice(record.questions))

    def rename(self, record: Record) -> None:
        question = self.dice.choice(record.questions)
        question.formerly += (question.id,)
        question.id = f"{question.id}-{self.name}"

    def rename_trial(self, record: Record) -> None:
        record.formerly += (record.id,)
        record.id = f"{record.id}-{self.name}"

    def move(self, record: Record) -> None:
        """Move the question that has a guid of its own to another record."""
        others = [other for other in self.records.values() if other is not record]
        those = [each for each in record.questions if each.guid and len(record.questions) > 1]
        if those and others:
            record.questions.remove(those[0])
            others[0].questions.append(those[0])

    def delete(self, record: Record) -> None:
        if len(self.records) > 1 and self.dice.random() < 0.3:
            self.records = {name: each for name, each in self.records.items() if each is not record}


_EDITS: Sequence[Callable[[Branch, Record], None]] = (
    *[Branch.reword] * 6,
    *[Branch.reword_other] * 4,
    *[Branch.add] * 2,
    *[Branch.withdraw] * 2,
    *[Branch.rename] * 3,
    *[Branch.rename_trial] * 2,
    Branch.move,
    Branch.delete,
)


@dataclass(frozen=True)
class Edition:
    """The packages of a build, put aside."""

    packages: tuple[Path, ...]


@dataclass(frozen=True)
class Merge:
    """Two branches that were built from a common edition, and what their merge gave.

    `before` is the ledger that git made, `twins` how many lines it has beyond one for each note. `fresh` is what the
    merged records give without any ledger; `again` is a build right after that of the merge.
    """

    seed: int
    base: Edition
    first: Edition
    second: Edition
    merged: Edition
    fresh: Edition
    before: Ledger
    ledger: Ledger
    again: BuildResult
    twins: int
    is_conflict: bool

    @property
    def undecided(self) -> int:
        """Count the notes of which both branches sent something else in the same second."""
        return sum(not line.hash for line in self.before.notes)

    def __str__(self) -> str:
        return f"merge {self.seed}"


def merge_of(seed: int, folder: Path) -> Merge:
    """Make the two branches of a seed and merge them."""
    return _Merging(seed, folder, random.Random(seed)).merge()


@dataclass
class _Merging:
    seed: int
    folder: Path
    dice: random.Random
    wanted: DeckRequest = PACKAGING[0]
    built: int = 0

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def decks(self) -> Path:
        return self.project / "decks"

    def merge(self) -> Merge:
        self.wanted = self.dice.choice(PACKAGING)
        main, base = self.begin()
        first_at, second_at = self.times()
        first = self.branch(main, "x", first_at)
        second = self.branch(main, "y", second_at)
        is_conflict = self.merge_in_git()
        twins = self.twins()
        before = read_ledger(self.decks / FILE)
        newest = max(line.changed for line in before.notes)
        at = self.dice.choice([newest + DAY, newest, newest + 1, FIRST - DAY, FIRST + DAY])
        merged, ledger = self.build_merged(at), read_ledger(self.decks / FILE)
        again = self.plan(at + DAY)
        fresh = self.build(at, self.folder / "fresh")
        return Merge(
            self.seed, base, first, second, merged, fresh, before, ledger, again, twins, is_conflict=is_conflict
        )

    def begin(self) -> tuple[Branch, Edition]:
        main = Branch.first(self.dice)
        main.write(self.project / "seeds")
        (self.project / ".gitignore").write_text("*.apkg\n.trialdeck.*\n", encoding="utf-8")
        git(self.project, "init", "--quiet", "--initial-branch", "main")
        base = self.build(FIRST)
        self.commit()
        return main, base

    def times(self) -> tuple[int, int]:
        """When the two branches are built: in the same second, apart, or with a clock that is behind or ahead."""
        first = FIRST + self.dice.choice([DAY, DAY, DAY, 0, -DAY])
        return first, first + self.dice.choice([0, 0, 0, 1, DAY, -DAY, 600 * DAY])

    def branch(self, main: Branch, name: str, at: int) -> Edition:
        """Edit and build on a branch, once or twice."""
        git(self.project, "checkout", "--quiet", "-b", name, "main")
        branch = main.begun(name)
        for number in range(self.dice.choice([1, 1, 2])):
            branch.edit()
            branch.write(self.project / "seeds")
            edition = self.build(at + number * 60)
            self.commit()
        return edition

    def commit(self) -> None:
        git(self.project, "add", "--all")
        git(self.project, "commit", "--quiet", "--allow-empty", "-m", "An edition")

    def merge_in_git(self) -> bool:
        """Merge one branch into the other; of records that conflict, one side is taken."""
        ours, theirs = self.dice.sample(["x", "y"], 2)
        # Detached, so that both branches stay as they were built.
        git(self.project, "checkout", "--quiet", "--detach", ours)
        git(self.project, "merge", "--quiet", "--no-edit", theirs, may_fail=True)
        conflicts = git(self.project, "diff", "--name-only", "--diff-filter=U").split()
        assert all(path.startswith("seeds/") for path in conflicts), "git's union driver merges all else"
        for path in conflicts:
            self.take(self.dice.choice([ours, theirs]), path)
        if conflicts:
            self.commit()
        return bool(conflicts)

    def take(self, side: str, path: str) -> None:
        there = git(self.project, "ls-tree", side, path)
        git(self.project, *(("checkout", "--quiet", side, "--", path) if there else ("rm", "--quiet", "--", path)))

    def twins(self) -> int:
        """Count the notes that have more than one line after the merge."""
        rows = (self.decks / FILE).read_text(encoding="utf-8").splitlines()
        return len(rows) - len(read_ledger(self.decks / FILE).lines)

    def build_merged(self, at: int) -> Edition:
        """Build what was merged; where the records of both sides do not go together, all are those of one side."""
        try:
            return self.build(at)
        except FaultyRecordsError:
            shutil.rmtree(self.project / "seeds")
            git(self.project, "checkout", "--quiet", self.dice.choice(["x", "y"]), "--", "seeds")
            return self.build(at)

    def plan(self, at: int) -> BuildResult:
        return building.plan([self.project / "seeds"], self.wanted, self.decks, at)

    def build(self, at: int, out: Path | None = None) -> Edition:
        """Build and put the packages aside."""
        folder = out or self.decks
        for package in folder.glob("*.apkg"):
            package.unlink()
        building.build([self.project / "seeds"], self.wanted, folder, at)
        shelf = self.folder / f"edition-{self.built}"
        shelf.mkdir()
        self.built += 1
        return Edition(tuple(Path(shutil.copy(each, shelf)) for each in sorted(folder.glob("*.apkg"))))


def merges(seeds: Sequence[int], folder: Path) -> Iterator[Merge]:
    """Make the merges of some seeds."""
    for seed in seeds:
        yield merge_of(seed, folder / str(seed))
