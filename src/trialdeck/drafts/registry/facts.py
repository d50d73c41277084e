"""What the registry says of a trial as a whole: its name, who was treated with what, and how it was designed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trialdeck.drafts.registry.study import Study
from trialdeck.drafts.registry.texts import count, entries_of, part_of, text_of, texts_of
from trialdeck.records.schema import load_schema
from trialdeck.records.slugs import point_slug

Posted = Mapping[str, Any]
_KIND = re.compile(
    r"\A(?:Drug|Biological|Device|Procedure|Radiation|Behavioral|Genetic|Other|Dietary Supplement|Combination Product|"
    r"Diagnostic Test): "
)
_MOST_ARMS = 3
_MOST_ENDPOINTS = 3
_PHASES = {"EARLY_PHASE1": "early phase 1", "NA": ""}


def acronym_of(study: Study) -> str:
    """Return the acronym, if the registry has one that can name a deck."""
    schema = load_schema("trial")["properties"]["acronym"]
    acronym = study.text("identificationModule.acronym")
    fits = re.fullmatch(schema["pattern"], acronym) and len(acronym) <= schema["maxLength"]
    if not fits:
        study.placed.discard("identificationModule.acronym")
    return acronym if fits else ""


def title_of(study: Study) -> str:
    """Return the official title, or else the brief one."""
    return study.text("identificationModule.officialTitle") or study.text("identificationModule.briefTitle")


def statement_of(study: Study) -> dict[str, str]:
    """Return what was tested against what, in whom, on which endpoint."""
    arms = study.entries("armsInterventionsModule.armGroups")
    experimental = [arm for arm in arms if text_of(arm, "type") == "EXPERIMENTAL"]
    others = [arm for arm in arms if text_of(arm, "type") != "EXPERIMENTAL"]
    parts = {
        "tested": _arms(experimental),
        "population": "; ".join(study.texts("conditionsModule.conditions")),
        "comparator": _arms(others) if experimental else "",
        "endpoint": _endpoint(study),
    }
    return {name: text for name, text in parts.items() if text}


def _arms(arms: Sequence[Posted]) -> str:
    """Return the names of arms, or of their interventions where there are many."""
    labels = [text_of(arm, "label") for arm in arms]
    if len(arms) > _MOST_ARMS:
        labels = [_KIND.sub("", name) for arm in arms for name in texts_of(arm, "interventionNames")] or labels
    return "; ".join(dict.fromkeys(filter(None, labels)))


def _endpoint(study: Study) -> str:
    registered = [text_of(part, "measure") for part in study.entries("outcomesModule.primaryOutcomes")]
    posted = [text_of(part, "title") for part in entries_of(study.module("outcomeMeasuresModule"), "outcomeMeasures")
              if text_of(part, "type") == "PRIMARY"]  # fmt: skip
    names = list(dict.fromkeys(filter(None, registered or posted)))
    more = f"; and {len(names) - _MOST_ENDPOINTS} more" if len(names) > _MOST_ENDPOINTS else ""
    return "; ".join(names[:_MOST_ENDPOINTS]) + more


def design_of(study: Study) -> list[tuple[str, str]]:
    """Return the points of the design, with their ids."""
    points = (
        ("design", _kind(study)),
        ("patients", _patients(study)),
        ("dates", _dates(study)),
        ("funding", _funding(study)),
    )
    return [(name, text) for name, text in points if text]


def _kind(study: Study) -> str:
    info = study.part("designModule.designInfo")
    masking = part_of(info, "maskingInfo")
    who = ", ".join(_words(name) for name in texts_of(masking, "whoMasked"))
    phases = [
        _PHASES.get(phase, _words(phase).replace("phase", "phase ")) for phase in study.texts("designModule.phases")
    ]
    parts = [
        _words(text_of(info, "allocation").removeprefix("NA")),
        _words(text_of(info, "interventionModel") or text_of(info, "observationalModel")),
        _masked(text_of(masking, "masking"), who),
        "/".join(filter(None, phases)),
        _words(study.text("designModule.studyType")),
    ]
    text = ", ".join(filter(None, parts))
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _masked(masking: str, who: str) -> str:
    if not masking:
        return ""
    kind = "open label" if masking == "NONE" else f"{_words(masking)} masking"
    return f"{kind} ({who})" if who else kind


def _patients(study: Study) -> str:
    enrolled = study.part("designModule.enrollmentInfo")
    number = count(text_of(enrolled, "count"))
    kind = _words(text_of(enrolled, "type"))
    started = _started(study)
    parts = [f"{number} participants enrolled{f' ({kind})' if kind else ''}" if number else "", started]
    text = "; ".join(filter(None, parts))
    return f"{text}." if text else ""


def _started(study: Study) -> str:
    """Return how many started in each arm."""
    groups = {text_of(group, "id"): text_of(group, "title") for group in study.entries("participantFlowModule.groups")}
    periods = entries_of(study.module("participantFlowModule"), "periods")[:1]
    milestones = (
        part for period in periods for part in entries_of(period, "milestones") if text_of(part, "type") == "STARTED"
    )
    numbers = [
        (groups.get(text_of(part, "groupId"), ""), count(text_of(part, "numSubjects")))
        for milestone in milestones
        for part in entries_of(milestone, "achievements")
    ]
    shown = ", ".join(f"{name} {number}" for name, number in numbers if name and number)
    return f"started: {shown}" if shown else ""


def _dates(study: Study) -> str:
    names = {
        "startDateStruct": "started",
        "primaryCompletionDateStruct": "primary completion",
        "completionDateStruct": "completed",
    }
    parts = [
        f"{label} {date}"
        for name, label in names.items()
        if (date := text_of(study.part(f"statusModule.{name}"), "date"))
    ]
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _funding(study: Study) -> str:
    sponsor = study.part("sponsorCollaboratorsModule.leadSponsor")
    partners = [text_of(part, "name") for part in study.entries("sponsorCollaboratorsModule.collaborators")]
    name, kind = text_of(sponsor, "name"), _words(text_of(sponsor, "class"))
    others = f"; with {', '.join(filter(None, partners))}" if any(partners) else ""
    return f"Sponsor: {name}{f' ({kind})' if kind else ''}{others}." if name else ""


def proposals_of(study: Study, pmid_of_source: str = "") -> Iterator[str]:
    """Yield comments that propose what a human must decide: topics, and the publication unless it is the source."""
    meshes = [text_of(mesh, "term") for mesh in study.entries("conditionBrowseModule.meshes")]
    terms = [*study.texts("conditionsModule.conditions"), *meshes]
    topics = dict.fromkeys(filter(None, map(point_slug, terms)))
    if topics:
        yield f"proposed: topics: [{', '.join(topics)}]"
    references = study.entries("referencesModule.references")
    for reference in references:
        pmid = text_of(reference, "pmid")
        if text_of(reference, "type") == "RESULT" and not (pmid and pmid == pmid_of_source):
            number = f"PMID {pmid}, " if pmid else ""
            yield f"proposed, one of the publications: {number}{text_of(reference, 'citation')}"


def _words(constant: str) -> str:
    """Return a constant of the registry as words: `CARE_PROVIDER` is `care provider`."""
    return constant.replace("_", " ").lower()
