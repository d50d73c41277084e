"""The sections of a record, in its order: what each is called in records, notes, sheets and words."""

from typing import Any

import msgspec

from trialdeck.records.model import Item, Perspective, Question, RelatedTrial, Result, Takeaway


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One section of a record: a text, or a list of entries.

    `property` is its name in a record. `slug` begins the keys of its notes, behind the trial's id; but the note of a
    related trial is that trial's own. `noun` is one entry in words, `heading` the title on pages; questions stand on
    pages under the headings of `DISCUSSIONS`. `sheet` is the spreadsheet whose rows are its entries. `perspective` is
    the default one of its entries, `entry` their type; None for a text.
    """

    property: str
    slug: str
    noun: str = ""
    heading: str = ""
    sheet: str = ""
    perspective: Perspective = Perspective.CLINICAL
    entry: type[Any] | None = None

    def has(self, field: str) -> bool:
        """Tell whether the entries of the section have a field."""
        return self.entry is not None and field in self.entry.__struct_fields__


SUMMARY = Section(property="summary", slug="summary", heading="Summary")
KEY_FINDINGS = Section(
    property="key_findings",
    slug="key-findings",
    noun="key finding",
    heading="Key Findings",
    sheet="Items",
    entry=Item,
)
RESULTS = Section(property="results", slug="result", noun="result", heading="Results", sheet="Results", entry=Result)
QUESTIONS = Section(property="questions", slug="question", noun="question", sheet="Questions", entry=Question)
RELATED_TRIALS = Section(
    property="related_trials",
    slug="related-trial",
    noun="related trial",
    heading="Clinical Landscape",
    sheet="Related",
    entry=RelatedTrial,
)
TAKEAWAYS = Section(
    property="takeaways",
    slug="takeaway",
    noun="takeaway",
    heading="Tailored to Your Role",
    sheet="Takeaways",
    entry=Takeaway,
)

SECTIONS = (
    SUMMARY,
    Section(property="significance", slug="significance", heading="Clinical Significance"),
    Section(property="history", slug="history", heading="Historical Context"),
    KEY_FINDINGS,
    Section(
        property="design",
        slug="design",
        noun="point of the design",
        heading="Study Design",
        sheet="Items",
        perspective=Perspective.REVIEWER,
        entry=Item,
    ),
    Section(
        property="limitations",
        slug="limitations",
        noun="limitation",
        heading="Study Limitations",
        sheet="Items",
        perspective=Perspective.REVIEWER,
        entry=Item,
    ),
    RESULTS,
    QUESTIONS,
    RELATED_TRIALS,
    TAKEAWAYS,
)
"""All sections, in the order of a record."""
TEXT_SECTIONS = tuple(section for section in SECTIONS if section.entry is None)
LIST_SECTIONS = tuple(section for section in SECTIONS if section.entry is Item)
"""The sections that are lists of points; one note shows all points of a section."""
ENTRY_SECTIONS = tuple(section for section in SECTIONS if section.entry)
ENTRY_LISTS = tuple(section.property for section in ENTRY_SECTIONS)
"""The properties of a record that are lists of entries with an id."""


class Discussion(msgspec.Struct, frozen=True):
    """One of the two lists of questions that a page shows: its slug and heading, and whose questions stand there."""

    slug: str
    heading: str
    perspectives: frozenset[Perspective]


GUIDED = Discussion("guided-discussion", "Guided Discussion", frozenset({Perspective.MECHANISM, Perspective.CLINICAL}))
SCHOLARLY = Discussion("scholarly-review", "Scholarly Review", frozenset({Perspective.REVIEWER}))
DISCUSSIONS = (GUIDED, SCHOLARLY)
