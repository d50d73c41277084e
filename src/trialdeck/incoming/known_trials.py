"""Find the record of a trial that is there already: by its registry number, its DOI, its id, or its name."""

from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.materials import Drafted
from trialdeck.records.discovery import survey
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Trial
from trialdeck.records.slugs import name_slug
from trialdeck.yamlfile.document import content_of


class KnownTrial(msgspec.Struct, frozen=True):
    """A trial that has a record: the file, its id, and whether its numbers agree or only its name."""

    path: Path
    id: str
    by_number: bool


def known_trials(seeds: Path, identities: Collection[str], names: Collection[str]) -> list[KnownTrial]:
    """Return the records of trials with one of these numbers, or else with one of these ids or names.

    Args:
        seeds: The folder of the records.
        identities: Registry numbers, and DOIs as `doi:10.1000/dawn`.
        names: Ids, of trials or made of their acronyms.
    """
    found = [each for each in _candidates(seeds, identities, names) if each]
    numbered = [each for each in found if each.by_number]
    return numbered or found


def _candidates(seeds: Path, identities: Collection[str], names: Collection[str]) -> Iterator[KnownTrial | None]:
    if not seeds.is_dir():
        return
    needles = {text.removeprefix("doi:").casefold().encode() for text in identities if not text.startswith("pmid:")}
    needles |= {name.encode() for name in names if name}
    for place in survey([seeds]).records:
        content = content_of(Path(place.real), place.path)
        # To parse ten thousand records takes a minute: only those are parsed that have one of the words.
        folded = content.lower().replace(b" ", b"-")
        if any(needle in content.lower() or needle in folded for needle in needles):
            trial = load_record_text(content, place.path).trial
            yield _match(Path(place.path), trial, identities, names) if trial else None


def _match(path: Path, trial: Trial, identities: Collection[str], names: Collection[str]) -> KnownTrial | None:
    if numbers_of(trial) & set(identities):
        return KnownTrial(path, trial.id, by_number=True)
    registered = {each for each in identities if ":" not in each}
    is_other = bool(registered and trial.source.registry and trial.source.registry not in registered)
    is_named = bool(names_of(trial) & set(names))
    return KnownTrial(path, trial.id, by_number=False) if is_named and not is_other else None


def numbers_of(trial: Trial) -> frozenset[str]:
    """Return the registry number and the DOI of a trial, as citations and studies have them."""
    doi = f"doi:{trial.source.doi.casefold()}" if trial.source.doi else ""
    return frozenset(filter(None, (trial.source.registry, doi)))


def names_of(trial: Trial) -> frozenset[str]:
    """Return the ids that a trial has and had, and the one that its acronym would make."""
    return frozenset(filter(None, (trial.id, *trial.formerly, name_slug(trial.acronym))))


def refuse_other_trial(trial: Trial, drafted: Drafted, shown: str) -> None:
    """Raise TrialdeckError if a draft is of another trial than a record: by their numbers, or else by their names."""
    registered = {each for each in drafted.identities if ":" not in each}
    is_same = bool(numbers_of(trial) & drafted.identities) or drafted.draft.id in names_of(trial)
    is_other = bool(registered and trial.source.registry and trial.source.registry not in registered)
    if is_other or not is_same:
        said = ", ".join(sorted(registered)) or drafted.draft.id
        about = trial.source.registry or trial.id
        raise TrialdeckError(
            f"{shown} is about {about}, and {' and '.join(drafted.names)} about {said}",
            "name the record of that trial, or write the same registry number into both",
        )
