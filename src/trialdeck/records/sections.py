"""The sections of a record: property, slug, heading and default perspective."""

import msgspec

from trialdeck.records.model import Perspective


class Section(msgspec.Struct, frozen=True):
    """One section: its property in the record, its slug in keys, its heading, and its default perspective."""

    property: str
    slug: str
    heading: str
    perspective: Perspective


TEXT_SECTIONS = (
    Section("summary", "summary", "Summary", Perspective.CLINICAL),
    Section("significance", "significance", "Clinical Significance", Perspective.CLINICAL),
    Section("history", "history", "Historical Context", Perspective.CLINICAL),
)
LIST_SECTIONS = (
    Section("key_findings", "key-findings", "Key Findings", Perspective.CLINICAL),
    Section("design", "design", "Study Design", Perspective.REVIEWER),
    Section("limitations", "limitations", "Study Limitations", Perspective.REVIEWER),
)
