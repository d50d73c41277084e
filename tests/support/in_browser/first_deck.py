"""The first deck of a clinician: from an empty folder and two downloaded files to a package; no record is seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

from clinicians import Clinician, See, see_nothing
from folders import ROOT

EXAMPLES = ROOT / "docs" / "examples"
REGISTRY = ROOT.parent / "shared" / "registry" / "NCT02540993.json"
"""The study of FIDELIO-DKD, where it is beside the project."""
REVIEWED = 3
"""How many items the clinician reviews."""
SCENES = {
    "begin": "Name the collection, once",
    "choose": "Drop two files; choose the outcomes",
    "question": "Write a question: its card stands beside it",
    "fault": "What is missing is said, with a link",
    "gap": "Mark a word, and it is a gap",
    "cards": "See the deck as a learner will",
    "review": "Compare each item with its source, and sign",
    "release": "See what learners get, build, download",
}
"""What is to be seen on the way, in words."""
_CITATION = """\
PMID- 33264825
TI  - Effect of Finerenone on Chronic Kidney Disease Outcomes in Type 2 Diabetes.
AU  - Bakris GL
JT  - The New England journal of medicine
DP  - 2020
SI  - ClinicalTrials.gov/NCT02540993
AID - 10.1056/NEJMoa2025845 [doi]
SO  - N Engl J Med. 2020;383:2219-2229.
"""


@dataclass(frozen=True)
class Material:
    """What a clinician has: files, the outcome that is added, two questions, and a sentence with a word to hide."""

    acronym: str
    files: Sequence[Path]
    outcome: str
    questions: Sequence[tuple[str, str]]
    sentence: str
    word: str

    @property
    def with_gap(self) -> str:
        """The sentence as the record has it."""
        return self.sentence.replace(self.word, f"{{{{c1::{self.word}}}}}")


def dawn() -> Material:
    """Return an invented trial, whose files the project has."""
    return Material(
        "DAWN-1",
        [EXAMPLES / "NCT00000001.json", EXAMPLES / "dawn-1.nbib"],
        "Overall Survival",
        [
            ("Which protein does dawnol, tested in DAWN-1, bind?", "Dawnin."),
            ("Against what was dawnol compared in DAWN-1?", "Placebo."),
        ],
        "In DAWN-1, patients were followed for 24 months.",
        "24",
    )


def fidelio(folder: Path) -> Material:
    """Return FIDELIO-DKD: its study in the registry, a citation as PubMed writes it, and questions that we ship."""
    citation = folder / "fidelio.nbib"
    citation.write_text(_CITATION, encoding="utf-8")
    return Material(
        "FIDELIO-DKD",
        [REGISTRY, citation],
        "All-cause Mortality",
        [
            ("Which receptor does finerenone, the drug of FIDELIO-DKD, block?", "The mineralocorticoid receptor."),
            ("Which two damaging processes does that receptor drive?", "Inflammation and fibrosis."),
        ],
        "Overactive mineralocorticoid receptors retain sodium.",
        "sodium",
    )


@dataclass(frozen=True)
class FirstDeck:
    """The story, scene by scene; `see` gets the name of each."""

    who: Clinician
    material: Material
    see: See = see_nothing

    @property
    def page(self) -> Page:
        return self.who.page

    def told(self) -> Download:
        """Tell it to the end, and return the package that was downloaded."""
        self.begin()
        self.add_the_trial()
        self.ask()
        self.correct()
        self.look_at_the_cards()
        self.review()
        return self.release()

    def begin(self) -> None:
        """Begin a collection in an empty folder."""
        expect(self._heading("Begin a collection")).to_be_visible()
        self.who.write(self.page.get_by_label("Your name"), "Jane Doe")
        self.see("begin")
        self.who.choose(self._button("Begin"))
        expect(self._heading("Trials")).to_be_visible()

    def add_the_trial(self) -> None:
        """Bring in the files, choose an outcome more, and make the trial."""
        self.who.bring(self.material.files)
        expect(self._heading("What is in them")).to_be_visible()
        said = self.page.locator(".says")
        outcome = self.page.locator("[data-pick=outcomes] label:has(input:not(:checked))").filter(
            has_text=self.material.outcome
        )
        text = outcome.first.locator("span").evaluate("each => each.firstChild.textContent.trim()")
        expect(said).not_to_contain_text(text)
        self.who.choose(outcome.first.locator("input"))
        expect(said).to_contain_text(text)
        self.see("choose")
        self.who.choose(self._button("Make the trial"))
        expect(self._heading(self.material.acronym)).to_be_visible()
        # The page counts faults as soon as its scripts run.
        expect(self.page.locator("#fault-count")).to_have_text(re.compile("."))

    def ask(self) -> None:
        """Write two questions, the second without its answer, and a sentence with a gap."""
        for number, (question, answer) in enumerate(self.material.questions):
            self.who.choose(self._button("Add a question"))
            self.who.write(self._field(number, "question"), question)
            if number == 0:
                self.who.write(self._field(number, "response"), answer)
                self._saved()
                expect(self.page.frame_locator("#card iframe").first.locator("body")).to_contain_text(question)
                self.see("question")
        self.who.choose(self.page.locator("#f-questions-1").get_by_role("button", name="Add a sentence"))
        self.who.write(self.page.get_by_label("New sentence with gaps"), self.material.sentence)
        sentence = self.page.get_by_label("Sentence with gaps 1", exact=True)
        expect(sentence).to_have_value(self.material.sentence)
        self._saved()
        self.who.hide(sentence, self.material.word)
        expect(sentence).to_have_value(self.material.with_gap)
        self._saved()

    def correct(self) -> None:
        """See that something is missing, go there, and write it."""
        faults = self.page.locator("#fault-count")
        expect(faults).to_have_text("1 fault")
        self.who.choose(faults)
        self.see("fault")
        self.who.choose(self.page.locator("#fault-list").get_by_role("link").first)
        self.who.write(self._field(1, "response"), self.material.questions[1][1])
        self._saved()
        expect(faults).not_to_contain_text("fault")
        expect(self.page.frame_locator("#card iframe").first.locator("body")).to_be_visible()
        self.see("gap")

    def look_at_the_cards(self) -> None:
        """Look at the first cards of the deck, as a learner meets them."""
        self.who.choose(self._place("Cards"))
        expect(self._heading("Cards")).to_be_visible()
        # With scripts, what is chosen is shown at once.
        expect(self.page.locator("#choice .submit")).to_be_hidden()
        expect(self.page.frame_locator("iframe").first.locator("body")).to_contain_text(self.material.acronym)
        self.see("cards")

    def review(self) -> None:
        """Compare some items with their source, and sign them."""
        self.who.choose(self._place("Review"))
        self.who.choose(self.page.locator(".review-trials a").first)
        for number in range(REVIEWED):
            self._has_reviewed(number)
            if number == 0:
                self.who.write(self.page.get_by_label("Your name"), "Jane Doe")
                self.see("review")
            self.who.choose(self.page.locator("[data-right]"))
        self._has_reviewed(REVIEWED)

    def release(self) -> Download:
        """See what learners will get, build it, and download a package."""
        self.who.choose(self._place("Release"))
        expect(self._button("Compare again")).to_be_enabled()
        expect(self.page.locator("#changes")).to_contain_text(self.material.questions[0][0])
        self.who.choose(self.page.get_by_role("button", name="Build", exact=True))
        expect(self.page.get_by_text("Built: edition")).to_be_visible()
        self.page.locator("#build-button").scroll_into_view_if_needed()
        self.see("release")
        with self.page.expect_download() as told:
            self.who.choose(self.page.locator("#packages td").get_by_role("link").first)
        return told.value

    def _field(self, question: int, name: str) -> Locator:
        return self.page.locator(f"#f-questions-{question}-{name}")

    def _button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def _heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=name)

    def _place(self, name: str) -> Locator:
        return self.page.get_by_role("navigation", name="Desk").get_by_role("link", name=name, exact=True)

    def _has_reviewed(self, items: int) -> None:
        expect(self.page.locator(".review-head p").first).to_have_text(re.compile(rf"^{items} of \d+ reviewed"))

    def _saved(self) -> None:
        """Wait until what was typed is in the file, as the page says."""
        expect(self.page.locator("#save-state")).to_have_text("Saved")
