"""The names that language models give to the parts of records and cards, and what those are called here."""

import re
from collections.abc import Mapping, Sequence

from trialdeck.records.slugs import name_slug

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")

QUESTION = frozenset({"question", "front", "q", "prompt", "term", "stem", "question_text", "query", "side1"})
RESPONSE = frozenset({"response", "back", "answer", "a", "definition", "answer_text", "correct_answer",
                      "correct_option", "solution", "side2"})  # fmt: skip
CLOZE = frozenset({"cloze", "text", "cloze_text", "statement", "sentence", "clozes", "cloze_deletion"})
EXPLANATION = frozenset({"explanation", "rationale", "extra", "back_extra"})
OPTIONS = frozenset({"options", "choices", "answers", "answer_options", "alternatives"})
CARDS = frozenset({"cards", "flashcards", "flash_cards", "notes", "questions", "qa", "q_and_a", "qas", "question_bank",
                   "guided_discussion", "scholarly_review", "deck_cards", "cloze_cards"})  # fmt: skip
WRAPPERS = frozenset({"record", "records", "trials", "data", "output", "response_json", "deck", "decks", "items",
                      "trial_facts", "facts", "pico", "content", "study", "studies", "trial_record"})  # fmt: skip
"""Names around records and cards that say nothing themselves."""
TRIAL = frozenset({"trial", "trial_name", "study_name", "trial_acronym", "study_acronym"})
FACTS: Mapping[str, str] = {
    "name": "acronym", "trial": "acronym", "trial_name": "acronym", "study_name": "acronym",
    "trial_acronym": "acronym", "study_acronym": "acronym", "short_title": "acronym",
    "trial_title": "title", "full_title": "title", "official_title": "title", "study_title": "title",
    "paper_title": "title", "publication_title": "title",
    "intervention": "tested", "interventions": "tested", "treatment": "tested", "experimental_arm": "tested",
    "drug": "tested",
    "control": "comparator", "comparison": "comparator", "control_arm": "comparator",
    "patients": "population", "participants": "population", "patient_population": "population",
    "primary_endpoint": "endpoint", "primary_outcome": "endpoint", "primary_end_point": "endpoint",
    "conclusion": "summary", "conclusions": "summary", "bottom_line": "summary", "tldr": "summary",
    "abstract": "summary", "take_home_message": "summary",
    "clinical_significance": "significance", "implications": "significance", "clinical_implications": "significance",
    "background": "history", "rationale": "history", "historical_context": "history", "context": "history",
    "findings": "key_findings", "main_findings": "key_findings", "key_points": "key_findings",
    "study_design": "design", "methods": "design", "methodology": "design", "trial_design": "design",
    "limits": "limitations", "weaknesses": "limitations", "criticisms": "limitations",
    "study_limitations": "limitations",
    "related": "related_trials", "landscape": "related_trials", "clinical_landscape": "related_trials",
    "take_aways": "takeaways", "take_home_messages": "takeaways", "takeaway": "takeaways",
    "key_takeaways": "takeaways",
    "tags": "topics", "topic": "topics", "keywords": "topics", "conditions": "topics", "disease": "topics",
    "specialty": "specialties", "speciality": "specialties", "specialities": "specialties",
    "reference": "source", "references": "source", "publication": "source", "sources": "source",
}  # fmt: skip
"""Names of facts and sections, and the properties of a record that they are."""
PICO: Mapping[str, str] = {
    "p": "population", "i": "tested", "c": "comparator", "o": "endpoint", "outcome": "endpoint", "outcomes": "endpoint",
}  # fmt: skip
"""Names that are facts below `pico` alone: `p` is a P value elsewhere."""
SOURCE: Mapping[str, str] = {
    "doi": "doi", "registry": "registry", "nct": "registry", "nct_id": "registry", "nct_number": "registry",
    "registry_number": "registry", "registration": "registry", "trial_registration": "registry", "nctid": "registry",
    "clinical_trials_gov": "registry", "url": "url", "link": "url", "pmid": "url", "pubmed_id": "url", "pubmed": "url",
    "citation": "citation", "cite": "citation",
}  # fmt: skip
ENTRY: Mapping[str, str] = {
    "level": "audience", "levels": "audience", "audiences": "audience", "target_audience": "audience",
    "role": "audience", "roles": "audience", "viewpoint": "perspective", "lens": "perspective",
    "point": "text", "finding": "text", "statement": "text", "content": "text", "takeaway": "text", "message": "text",
    "limitation": "text", "description": "text", "clozes": "cloze", "cloze_statements": "cloze", "acronym": "name",
    "trial": "name", "trial_name": "name", "title": "name", "specialty": "specialties",
    "intervention": "tested", "control": "comparator", "primary_endpoint": "endpoint", "primary_outcome": "endpoint",
    "patients": "population",
}  # fmt: skip
"""Names of the parts of an entry, and its properties; a name that is a property itself comes first."""

COLUMNS = QUESTION | RESPONSE | CLOZE | TRIAL | SOURCE.keys() | {"trial_title", "title", "acronym", "perspective"}
"""Names of columns by which a table of cards is known."""
_RESULTS = frozenset({
    "results", "result", "outcomes", "primary_result", "primary_results", "secondary_results", "secondary_outcomes",
    "hazard_ratio", "hr", "odds_ratio", "or", "relative_risk", "risk_ratio", "rr", "p_value", "pvalue", "ci",
    "confidence_interval", "estimate", "effect_size", "arms", "statistics", "median_pfs", "median_os", "measure",
    "ci_lower", "ci_upper", "numerical_results", "efficacy", "efficacy_results", "safety_results", "n", "events",
})  # fmt: skip
_REVIEWS = frozenset({"review", "reviewed", "reviewed_by", "reviewer", "verified", "status", "confidence", "approved",
                      "last_reviewed", "review_status", "validated", "fact_checked"})  # fmt: skip
_IDS = frozenset({"id", "ids", "guid", "uuid", "index", "number", "formerly", "key", "card_id", "note_id"})
_FILES = frozenset({"figures", "figure", "image", "images", "media", "picture", "audio"})


def key_of(name: str) -> str:
    """Return a name as words in small letters: `nctNumber` and `NCT Number` are `nct_number`."""
    return _NOT_A_LETTER.sub("_", _CAMEL.sub("_", name[:100]).casefold()).strip("_")


def reason_withheld(key: str) -> str:
    """Return why a record never takes what has this name from a model; empty if it may."""
    if key in _RESULTS:
        return "results are never taken from a model: the registry's file and the publication have them"
    if key in _REVIEWS:
        return "a review is never taken from a model: a person reviews"
    if key in _IDS:
        return "ids are made from the texts"
    if key in _FILES:
        return "a model's files are nowhere"
    return "a record withholds this" if key == "retired" else ""


def choice_of(text: str, choices: Sequence[str]) -> str:
    """Return the choice that a text means beyond doubt: `Medical students` is `student`; empty if there is none."""
    slug = name_slug(text)
    if slug in choices:
        return slug
    words = {word for part in slug.split("-") for word in (part, part.removesuffix("s"))}
    whole = {slug, slug.removesuffix("s"), *words}
    meant = [choice for choice in choices if choice in whole or set(choice.split("-")) <= words]
    if not meant:
        meant = [choice for choice in choices if _LIKE.get(slug) == choice]
    return meant[0] if len(meant) == 1 else ""


_LIKE: Mapping[str, str] = {"mechanistic": "mechanism", "mechanisms-of-action": "mechanism"}
