"""A project of invented trials, and the edits that its author may make from one edition to the next.

Each edit says by hand which notes it touches: the tests and docs/compatibility.md hold Anki against that.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from trialdeck.cli import main
from trialdeck.editions.risks import REFUSED
from trialdeck.notes import note_types as notetypes
from trialdeck.notes.genanki_notes import genanki_model
from trialdeck.notes.retirement import READING

FIRST = 1_700_000_000
DAY = 24 * 60 * 60
PERIOD = 30 * DAY
"""Editions are built at these times, all in the past: whatever Anki imports is older than the import."""

WHY = """\
  - id: why
    perspective: mechanism
    audience: [student]
    question: Why does emberol work?
    response: It binds **emberin** in the palm of the hnad.
    cloze: {target: "Emberol binds {{c1::emberin}} in the {{c2::palm}}."}
"""
WHOM = """\
  - id: whom
    perspective: clinical
    question: Whom does emberol help?
    response: Adults with cold hands.
    cloze: {who: "EMBER-3 enrolled {{c1::adults}} with {{c2::cold hands}}."}
"""
DOUBT = """\
  - id: doubt
    perspective: reviewer
    audience: [methodologist]
    question: What speaks against the result of EMBER-3?
    response: Nobody measured the gloves.
"""
WHEN = """\
  - id: when
    perspective: clinical
    question: When is emberol given?
    response: Before the first frost.
"""
LIMITATIONS = """\
limitations:
  - id: short
    text: Follow-up ended in spring.
    cloze: {season: "Follow-up of EMBER-3 ended in {{c1::spring}}."}
  - {id: small, text: Few hands were measured.}
"""
EMBER = f"""\
format: 1
id: ember-3
acronym: EMBER-3
cards: [summary, significance, history, key_findings, design, limitations]
title: Emberol for Cold Hands
source: {{citation: Journal of Examples 2019, registry: NCT00000003}}
specialties: [cardiology]
topics: [cold-hands]
tested: Emberol
population: Adults with cold hands
comparator: Placebo
endpoint: Warmth-free interval
summary: Emberol warmed hands.
significance: Hands stay warm.
history: Before emberol there were mittens.
key_findings:
  - id: warmth
    text: Emberol warmed hands by two degrees.
    results: [warm]
    cloze: {{gain: "EMBER-3: emberol warmed hands by {{{{c1::two degrees}}}}, against {{{{c2::placebo}}}}."}}
  - {{id: safety, text: Nobody was burnt.}}
design:
  - {{id: blinded, text: The trial was blinded., cloze: {{masks: "EMBER-3 was {{{{c1::blinded}}}}."}}}}
{LIMITATIONS}\
results:
  - id: warm
    endpoint: Warmth-free interval
    data_cut: Primary analysis
    measure: hazard ratio
    estimate: 0.70
    ci: [0.60, 0.90]
    ci_level: 95
    p: "<0.001"
    unit: months
    arms: [{{name: emberol, n: 100, median: 12.0}}, {{name: placebo, n: 99, median: 8.0}}]
  - id: late
    endpoint: Warmth at one year
    card: true
    arms: [{{name: emberol, n: 100, percent: 60}}, {{name: placebo, n: 99, percent: 40}}]
questions:
{WHY}{WHOM}{DOUBT}\
related_trials:
  - {{id: frost-1, name: FROST-1, tested: Frostin, endpoint: Coolness}}
  - {{id: haze-9, name: HAZE-9, tested: Hazemab, population: Adults in fog}}
takeaways:
  - {{id: start, card: true, audience: [fellow], text: Start before winter.}}
  - {{id: stop, card: true, audience: [student], text: Stop in spring.}}
"""
FROST = """\
format: 1
id: frost-1
acronym: FROST-1
cards: [summary, limitations]
title: Frostin for Warm Hands
specialties: [cardiology]
tested: Frostin
endpoint: Coolness
summary: Frostin cooled hands.
limitations:
  - {id: open, text: The trial was open.}
questions:
  - {id: why, perspective: mechanism, question: Why does frostin work?, response: It melts.}
  - {id: whom, perspective: clinical, question: Whom does frostin help?, response: Adults with warm hands.}
related_trials:
  - {id: haze-9, name: HAZE-9}
takeaways:
  - {id: cool, card: true, audience: [resident], text: Keep it cool.}
"""
GALE = """\
format: 1
id: gale-2
acronym: GALE-2
cards: [summary, key_findings]
title: Galemab for Still Air
specialties: [pneumology]
tested: Galemab
summary: Galemab moved the air.
key_findings:
  - {id: air, text: The air moved., cloze: {speed: "GALE-2: the air moved at {{c1::two knots}}."}}
questions:
  - {id: doubt, perspective: reviewer, question: What moved the air?, response: A window was open.}
"""
RECORDS = {"ember-3": EMBER, "frost-1": FROST, "gale-2": GALE}

Keys = frozenset[str]


def keys(trial: str, names: str) -> Keys:
    """Return the keys of the notes of one trial."""
    return frozenset(f"{trial}/{name}" for name in names.split())


QUESTIONS = """question/why question/why/cloze/target question/whom question/whom/cloze/who question/doubt"""
OTHERS = """trial summary significance history key-findings/points
    key-findings/warmth/cloze/gain design/points design/blinded/cloze/masks limitations/points
    limitations/short/cloze/season result/warm result/late
    takeaway/start takeaway/stop"""
EMBER_KEYS = keys("ember-3", f"{QUESTIONS} {OTHERS}")
FROST_KEYS = keys("frost-1", "trial summary limitations/points question/why question/whom takeaway/cool")
GALE_KEYS = keys("gale-2", "trial summary key-findings/points key-findings/air/cloze/speed question/doubt")
FIRST_KEYS = EMBER_KEYS | FROST_KEYS | GALE_KEYS | keys("haze-9", "trial")

# What the learner studies: of every kind of note, and of every note that an edit takes out.
STUDIED_KEYS = FROST_KEYS | GALE_KEYS | keys("ember-3", f"{QUESTIONS} limitations/points design/blinded/cloze/masks")


@dataclass(frozen=True)
class Rewrite:
    """Change a text that stands once in a record."""

    trial: str
    old: str
    new: str

    def __call__(self, project: Path) -> None:
        record = project / "seeds" / f"{self.trial}.yaml"
        text = record.read_text(encoding="utf-8")
        assert text.count(self.old) == 1, f"{record.name} has this {text.count(self.old)} times: {self.old}"
        record.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Delete:
    """Delete a record's file."""

    trial: str

    def __call__(self, project: Path) -> None:
        (project / "seeds" / f"{self.trial}.yaml").unlink()


@dataclass(frozen=True)
class Write:
    """Write a file of the project."""

    path: str
    text: str

    def __call__(self, project: Path) -> None:
        (project / self.path).write_text(self.text, encoding="utf-8")


@dataclass(frozen=True)
class Together:
    """Make several changes for one edition."""

    changes: tuple[Rewrite | Delete | Write, ...]

    def __call__(self, project: Path) -> None:
        for change in self.changes:
            change(project)


Change = Rewrite | Delete | Write | Together

_WITH_ACRONYM = """trial summary significance history key-findings/points design/points limitations/points
    result/warm result/late
    takeaway/start takeaway/stop"""
"""The notes of EMBER-3 whose own content names the trial; on the others the acronym stands in the header alone."""


@dataclass(frozen=True)
class Edit:
    """One edit, as a reader of the compatibility page calls it, and what it is to do to a learner's collection.

    `changes` are made to the project's folder, one an edition; `sides` are replacements in the files of the note types.
    The keys are those of the last edition: notes that are `touched` have new content, `retired` ones are taken out,
    `new` ones come in, and everything else stays as the learner has it. `renamed` are former keys and what became of
    them. `shows` are words that a note's cards show now and did not show before, by key. `added` and `emptied` are
    cards, by key and ordinal, that a note has got or has lost. `edition` is the name of the last edition, if it has
    one; `refresh` is the trial that the editions after the first are built with `--refresh` for. `says` are words that
    the fronts of retired notes show, such as the reason. `has_old_packages` says whether the packages of the edition
    before lie in the output folder; without them, the texts of deleted entries are lost.
    """

    name: str
    changes: tuple[Change, ...]
    sides: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    touched: Keys = frozenset()
    new: Keys = frozenset()
    retired: Keys = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    added: frozenset[tuple[str, int]] = frozenset()
    emptied: frozenset[tuple[str, int]] = frozenset()
    edition: str = ""
    refresh: str = ""
    says: str = ""
    has_old_packages: bool = True

    def __str__(self) -> str:
        return "-".join(re.findall(r"\w+", self.name))

    @property
    def keys(self) -> Keys:
        """The keys of all notes that a learner of both editions has in the end."""
        return (FIRST_KEYS - self.renamed.keys()) | set(self.renamed.values()) | self.new


def renamed(trial: str, name: str, names: Keys) -> dict[str, str]:
    """Return the keys of a trial's notes under its new name, by their former keys."""
    return {key: f"{name}{key.removeprefix(trial)}" for key in names}


_TYPO = Rewrite("ember-3", "hnad", "hand")
_WHOM = keys("ember-3", "question/whom question/whom/cloze/who")
_FOR_WHOM = WHOM.replace("id: whom", "id: for-whom\n    formerly: [whom]")
_COME_BACK = {
    "ember-3/question/whom": "ember-3/question/for-whom",
    "ember-3/question/whom/cloze/who": "ember-3/question/for-whom/cloze/who",
}
_RENAMED = {
    "ember-3/question/why": "ember-3/question/how",
    "ember-3/question/why/cloze/target": "ember-3/question/how/cloze/target",
}
_REASON = "retired: {on: 2023-12-01, reason: The gloves were *warmer*., instead: why}"
_SAYS = "The gloves were <em>warmer</em>."
_RETIRED_WHOM = WHOM + f"    {_REASON}\n"
_SHORT = """\
  - id: short
    text: Follow-up ended in spring.
"""
_WARM = 'warmed hands by {{c1::two degrees}}, against {{c2::placebo}}."'
_COMPARATOR = Rewrite("ember-3", "comparator: Placebo", "comparator: Placebo mittens")
_DOI = Rewrite("ember-3", "registry: NCT00000003", "doi: 10.1000/ember, registry: NCT00000003")
_UNCHANGED = Write("seeds/gale-2.yaml", GALE)
_ASKED = "cards: [summary, significance, history, key_findings, design, limitations]\n"
_READING = keys("ember-3", "summary significance history key-findings/points design/points limitations/points")
_TAKEAWAYS = keys("ember-3", "takeaway/start takeaway/stop")

EDITS = (
    Edit(
        "a typo in a response is corrected",
        (_TYPO,),
        touched=keys("ember-3", "question/why"),
        shows={"ember-3/question/why": "palm of the hand."},
    ),
    Edit(
        "a question is added",
        (Rewrite("ember-3", WHOM, WHOM + WHEN),),
        new=keys("ember-3", "question/when"),
        shows={"ember-3/question/when": "Before the first frost."},
    ),
    Edit(
        "a question is removed",
        (Rewrite("ember-3", WHOM, ""),),
        retired=_WHOM,
    ),
    Edit(
        "a question is removed, and the old packages are gone",
        (Rewrite("ember-3", WHOM, ""),),
        retired=_WHOM,
        has_old_packages=False,
    ),
    Edit(
        "a question is retired, with a reason and a replacement",
        (Rewrite("ember-3", WHOM, _RETIRED_WHOM),),
        retired=_WHOM,
        says=_SAYS,
    ),
    Edit(
        "a retired question comes back",
        (Rewrite("ember-3", WHOM, _RETIRED_WHOM), Rewrite("ember-3", _RETIRED_WHOM, WHOM)),
        touched=_WHOM,
    ),
    Edit(
        "a retired question gets another reason",
        (
            Rewrite("ember-3", WHOM, _RETIRED_WHOM),
            Rewrite("ember-3", "The gloves were *warmer*.", "Gloves were better."),
        ),
        retired=_WHOM,
        says="Gloves were better.",
    ),
    Edit(
        "a result is retired, with a reason",
        (
            Rewrite(
                "ember-3",
                "    unit: months\n",
                "    unit: months\n    retired: {on: 2023-12-01, reason: Miscounted.}\n",
            ),
        ),
        touched=keys("ember-3", "key-findings/points key-findings/warmth/cloze/gain"),
        retired=keys("ember-3", "result/warm"),
        says="Miscounted.",
    ),
    Edit(
        "a limitation is retired, with a reason",
        (Rewrite("ember-3", _SHORT, f"{_SHORT}    retired: {{on: 2023-12-01, reason: Summer came.}}\n"),),
        touched=keys("ember-3", "limitations/points"),
        retired=keys("ember-3", "limitations/short/cloze/season"),
        emptied=frozenset({("ember-3/limitations/points", 406)}),
        says="Summer came.",
    ),
    Edit(
        "a related trial is retired, with a reason",
        (
            Rewrite(
                "ember-3",
                "population: Adults in fog",
                "population: Adults in fog, retired: {on: 2023-12-01, reason: Fog lifted.}",
            ),
        ),
        retired=keys("haze-9", "trial"),
        says="Fog lifted.",
    ),
    Edit(
        "texts, lists, takeaways and a second result are for reading from now on",
        (
            Together(
                (
                    Rewrite("ember-3", _ASKED, ""),
                    Rewrite("ember-3", "    card: true\n", ""),
                    Rewrite("ember-3", "start, card: true", "start"),
                    Rewrite("ember-3", "stop, card: true", "stop"),
                )
            ),
        ),
        retired=_READING | _TAKEAWAYS | keys("ember-3", "result/late"),
        says=READING,
    ),
    Edit(
        "what was for reading is asked again",
        (Rewrite("ember-3", _ASKED, ""), Rewrite("ember-3", "title: Emb", f"{_ASKED}title: Emb")),
        touched=_READING,
    ),
    Edit(
        "a list is for reading from now on, and then one of its points is asked",
        (
            Rewrite("ember-3", "design, limitations]", "design]"),
            Rewrite("ember-3", "{id: small,", "{id: small, card: true,"),
        ),
        touched=keys("ember-3", "limitations/points"),
        emptied=frozenset({("ember-3/limitations/points", 406)}),
    ),
    Edit(
        "a removed question comes back",
        (Rewrite("ember-3", WHOM, ""), Rewrite("ember-3", DOUBT, WHOM + DOUBT)),
        touched=_WHOM,
    ),
    Edit(
        "a removed question comes back under another id, with `formerly`",
        (Rewrite("ember-3", WHOM, ""), Rewrite("ember-3", DOUBT, _FOR_WHOM + DOUBT)),
        touched=frozenset(_COME_BACK.values()),
        renamed=_COME_BACK,
        shows={"ember-3/question/for-whom": "ember-3/question/for-whom"},
    ),
    Edit(
        "a question gets another id, with `formerly`",
        (Rewrite("ember-3", "id: why\n", "id: how\n    formerly: [why]\n"),),
        touched=frozenset(_RENAMED.values()),
        renamed=_RENAMED,
        shows={"ember-3/question/how": "ember-3/question/how"},
    ),
    Edit(
        "questions change places",
        (Rewrite("ember-3", WHY + WHOM + DOUBT, DOUBT + WHY + WHOM),),
    ),
    Edit(
        "a question moves to another perspective",
        (Rewrite("ember-3", WHOM, WHOM.replace("clinical", "mechanism")),),
        touched=_WHOM,
        shows={"ember-3/question/whom": "mechanism"},
    ),
    Edit(
        "a question gets another audience",
        (Rewrite("ember-3", WHY, WHY.replace("[student]", "[student, resident]")),),
        touched=keys("ember-3", "question/why question/why/cloze/target"),
        shows={"ember-3/question/why": "student, resident"},
    ),
    Edit(
        "a cloze statement is removed",
        (Rewrite("ember-3", ', cloze: {masks: "EMBER-3 was {{c1::blinded}}."}', ""),),
        retired=keys("ember-3", "design/blinded/cloze/masks"),
    ),
    Edit(
        "the text inside a deletion changes",
        (Rewrite("ember-3", "{{c1::two degrees}}", "{{c1::three degrees}}"),),
        touched=keys("ember-3", "key-findings/warmth/cloze/gain"),
        shows={"ember-3/key-findings/warmth/cloze/gain": "three degrees"},
    ),
    Edit(
        "a deletion is added to a cloze statement",
        (Rewrite("ember-3", _WARM, _WARM.replace("hands", "{{c3::hands}}")),),
        touched=keys("ember-3", "key-findings/warmth/cloze/gain"),
        added=frozenset({("ember-3/key-findings/warmth/cloze/gain", 2)}),
    ),
    Edit(
        "a deletion is taken out of a cloze statement",
        (Rewrite("ember-3", "{{c2::palm}}", "palm"),),
        touched=keys("ember-3", "question/why/cloze/target"),
        emptied=frozenset({("ember-3/question/why/cloze/target", 1)}),
    ),
    Edit(
        "a related trial gets its endpoint",
        (Rewrite("ember-3", "population: Adults in fog", "population: Adults in fog, endpoint: Sight"),),
        touched=keys("haze-9", "trial"),
        added=frozenset({("haze-9/trial", 2)}),
        shows={"haze-9/trial": "Sight"},
    ),
    Edit(
        "a related trial keeps nothing but its name",
        (Rewrite("ember-3", ", tested: Hazemab, population: Adults in fog", ""),),
        retired=keys("haze-9", "trial"),
    ),
    Edit(
        "a section is emptied",
        (Rewrite("ember-3", LIMITATIONS, "limitations: []\n"),),
        retired=keys("ember-3", "limitations/points limitations/short/cloze/season"),
    ),
    Edit(
        "a trial gets another acronym",
        (Rewrite("ember-3", "acronym: EMBER-3", "acronym: EMBER-III"),),
        touched=keys("ember-3", _WITH_ACRONYM),
        shows={"ember-3/summary": "What did EMBER-III show?"},
    ),
    Edit(
        "a trial gets another id, with `formerly`",
        (Rewrite("ember-3", "id: ember-3", "id: ember-iii\nformerly: [ember-3]"),),
        touched=frozenset(renamed("ember-3", "ember-iii", EMBER_KEYS).values()),
        renamed=renamed("ember-3", "ember-iii", EMBER_KEYS),
        shows={"ember-iii/summary": "ember-iii/summary"},
    ),
    Edit(
        "a reviewer signs a record",
        (Rewrite("ember-3", "topics:", "review: {status: reviewed, by: Jane Doe, on: 2023-12-01}\ntopics:"),),
    ),
    Edit(
        "a reviewer disputes a record",
        (Rewrite("ember-3", "topics:", "review: {status: disputed, by: Jane Doe, on: 2023-12-01}\ntopics:"),),
        touched=EMBER_KEYS | keys("haze-9", "trial"),
        shows={"ember-3/question/why": "Disputed by Jane Doe"},
    ),
    Edit(
        "a comparator is corrected",
        (_COMPARATOR,),
        touched=keys("ember-3", "trial"),
        shows={"ember-3/trial": "Placebo mittens"},
    ),
    Edit(
        "a comparator is corrected, and the edition built with `--refresh`",
        (_COMPARATOR,),
        refresh="ember-3",
        touched=EMBER_KEYS,
        shows={"ember-3/question/why": "Placebo mittens"},
    ),
    Edit("a DOI is added", (_DOI,)),
    Edit(
        "a DOI is added, and in the next edition a typo is corrected",
        (_DOI, _TYPO),
        touched=keys("ember-3", "question/why"),
        shows={"ember-3/question/why": "doi:10.1000/ember"},
    ),
    Edit(
        "the size of an arm is corrected",
        (Rewrite("ember-3", "{name: emberol, n: 100, median: 12.0}", "{name: emberol, n: 101, median: 12.0}"),),
        touched=keys("ember-3", "result/warm"),
        shows={"ember-3/result/warm": "n&nbsp;=&nbsp;101"},
    ),
    Edit(
        "the address for errors changes",
        (Write("decks/project.yaml", "format: 1\nreport: errors@example.org\n"),),
    ),
    Edit(
        "the topics of a record change",
        (Rewrite("ember-3", "topics: [cold-hands]", "topics: [cold-hands, mittens]"),),
    ),
    Edit(
        "a record is deleted",
        (Delete("gale-2"),),
        retired=GALE_KEYS,
    ),
    Edit(
        "a record is deleted, and the old packages are gone",
        (Delete("gale-2"),),
        retired=GALE_KEYS,
        has_old_packages=False,
    ),
    Edit(
        "a deleted record comes back",
        (Delete("gale-2"), _UNCHANGED),
        touched=GALE_KEYS,
    ),
    Edit(
        "a record is deleted whose trial another names",
        (Delete("frost-1"),),
        touched=keys("frost-1", "trial"),
        retired=FROST_KEYS - keys("frost-1", "trial"),
        shows={"frost-1/trial": "As named in the record of EMBER-3"},
    ),
    Edit(
        "the style changes",
        (_UNCHANGED,),
        sides={"style.css": (".td-big {", ".td-big { letter-spacing: .01em;")},
    ),
    Edit(
        "a template changes",
        (_UNCHANGED,),
        sides={
            "question/front.html": ('<div class="td-ask" dir="auto">', '<div class="td-ask" dir="auto"><i>Think:</i> ')
        },
        shows={"ember-3/summary": "Think:"},
    ),
    Edit(
        "the decks get another name",
        (Write("decks/project.yaml", "format: 1\nroot: Cold Trials\n"),),
    ),
    Edit(
        "the edition gets a name",
        (Write("decks/project.yaml", "format: 1\nedition: Spring\n"),),
        edition="Spring",
    ),
    Edit(
        "a typo is corrected in an edition with a name",
        (Together((_TYPO, Write("decks/project.yaml", "format: 1\nedition: Spring\n"))),),
        touched=keys("ember-3", "question/why"),
        shows={"ember-3/question/why": "palm of the hand."},
        edition="Spring",
    ),
)


@dataclass(frozen=True)
class Edition:
    """The packages of one edition, and when they were built; those of either split have all of its notes."""

    built_at: int
    by_trial: tuple[Path, ...]
    by_perspective: tuple[Path, ...]

    @property
    def packages(self) -> tuple[Path, ...]:
        """All packages."""
        return self.by_trial + self.by_perspective


@dataclass(frozen=True)
class Published:
    """All editions of a project with one edit, from the first to the last, and the last one built again."""

    edit: Edit
    editions: tuple[Edition, ...]
    again: Edition

    @property
    def first(self) -> Edition:
        return self.editions[0]

    @property
    def former(self) -> Edition:
        """The last edition but one."""
        return self.editions[-2]

    @property
    def last(self) -> Edition:
        return self.editions[-1]


def publish_all(folder: Path) -> tuple[Published, ...]:
    """Publish every edit, each in a copy of the same project."""
    project = folder / "first"
    for name in ("seeds", "decks"):
        (project / name).mkdir(parents=True)
    for trial, text in RECORDS.items():
        Write(f"seeds/{trial}.yaml", text)(project)
    first = _build(project, 0)
    return tuple(_publish(edit, first, shutil.copytree(project, folder / str(edit))) for edit in EDITS)


def _publish(edit: Edit, first: Edition, project: Path) -> Published:
    editions = [first]
    with with_sides(edit.sides):
        for change in edit.changes:
            if not edit.has_old_packages:
                _remove_packages(project)
            change(project)
            editions.append(_build(project, len(editions), edit.refresh))
        # What is built again is made again.
        _remove_packages(project)
        return Published(edit, tuple(editions), _build(project, len(editions)))


def _remove_packages(project: Path) -> None:
    for package in (project / "decks").glob("*.apkg"):
        package.unlink()


def _build(project: Path, number: int, refresh: str = "") -> Edition:
    """Build a project with the command line, both ways."""
    built_at = FIRST + number * PERIOD
    options = ["--refresh", refresh] if refresh else []
    by_trial = _packages(project, "trial", built_at, options)
    by_perspective = _packages(project, "perspective", built_at, ())
    return Edition(built_at, by_trial, by_perspective)


def _packages(project: Path, split: str, built_at: int, options: Sequence[str]) -> tuple[Path, ...]:
    """Build the packages of one split, and put copies of them aside."""
    with chdir(project):
        # What Anki makes of such changes is measured: they are meant.
        allowed = [option for code in REFUSED for option in ("--allow", code)]
        call = ["build", "--by", split, *options, *allowed]
        done = CliRunner().invoke(main, call, env={"SOURCE_DATE_EPOCH": str(built_at)})
    assert done.exit_code == 0, done.output
    shelf = project / f"{built_at}-{split}"
    shelf.mkdir()
    built = sorted(set(re.findall(r"[\w-]+\.apkg", done.output)))
    return tuple(shutil.copy2(project / "decks" / name, shelf / name) for name in built)


@contextmanager
def with_sides(sides: Mapping[str, tuple[str, str]]) -> Iterator[None]:
    """Replace texts in the files of the note types."""
    read = notetypes._file

    def rewritten(name: str) -> str:
        old, new = sides.get(name, ("", ""))
        assert old in read(name), f"{name} does not have: {old}"
        return read(name).replace(old, new) if old else read(name)

    forget = (notetypes.note_type.cache_clear, genanki_model.cache_clear)
    for each in forget:
        each()
    with patch.object(notetypes, "_file", rewritten):
        try:
            yield
        finally:
            for each in forget:
                each()
