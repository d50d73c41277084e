"""A reader's profile: stage and specialties, by which decks and pages are filtered."""

from pathlib import Path
from typing import Any

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Problem, Severity
from trialdeck.records.model import Audience
from trialdeck.records.schema import typed
from trialdeck.records.validation.schema_errors import validate
from trialdeck.yamlfile.document import Document, parse_document, read_document
from trialdeck.yamlfile.tree import text_of, texts_of


class Profile(msgspec.Struct, frozen=True):
    """Who learns: a training stage or reviewing role, and specialties as slugs; none means all of them."""

    stage: Audience
    specialties: tuple[str, ...] = ()
    name: str = ""


class ProfileFile(msgspec.Struct, frozen=True):
    """A file with a profile: its document, what it says, and what the schema and the YAML reader found wrong.

    `profile` is None where no stage can be read.
    """

    path: str
    document: Document | None
    profile: Profile | None
    problems: tuple[Problem, ...]


def load_profile(path: Path, shown: str) -> ProfileFile:
    """Load a profile; `shown` is the path as problems name it."""
    return _profile_file(shown, *read_document(path, shown))


def load_profile_text(content: bytes, shown: str) -> ProfileFile:
    """Load a profile from its bytes."""
    return _profile_file(shown, *parse_document(content, shown))


def needed_profile(path: Path) -> Profile:
    """Return the profile in a file; raises TrialdeckError, with its problems, if it has errors."""
    return sound_profile(load_profile(path, path.as_posix()))


def sound_profile(file: ProfileFile) -> Profile:
    """Return the profile of a file; raises TrialdeckError, with its problems, if it has errors."""
    if file.profile is None or any(problem.severity is Severity.ERROR for problem in file.problems):
        hint = "correct it; `trialdeck schema profile` shows what a profile holds"
        raise TrialdeckError(f"the profile {file.path} has errors", hint, file.problems)
    return file.profile


def _profile_file(shown: str, document: Document | None, problems: tuple[Problem, ...]) -> ProfileFile:
    if document is None:
        return ProfileFile(shown, None, None, problems)
    data = typed(document.data, "profile")
    faults = tuple(sorted({*problems, *validate(document, data, "profile")}))
    return ProfileFile(shown, document, build_profile(data) if isinstance(data, dict) else None, faults)


def build_profile(data: dict[str, Any]) -> Profile | None:
    """Build a profile from typed data; parts of a wrong kind count as absent, and without a stage there is none."""
    stage = text_of(data, "stage")
    if stage not in set(Audience):
        return None
    return Profile(Audience(stage), texts_of(data, "specialties"), " ".join(text_of(data, "name").split()))
