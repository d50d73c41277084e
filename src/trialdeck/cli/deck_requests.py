"""Which decks a command is asked for."""

from collections.abc import Sequence
from pathlib import Path

from trialdeck.cli.output.problems import problem_lines
from trialdeck.cli.terminal.printing import echo_styled
from trialdeck.decks.deck_request import BY_TRIAL, DeckRequest
from trialdeck.records.profile import Profile, load_profile, sound_profile
from trialdeck.records.settings import DeckDefinition


def deck_request(
    paths: Sequence[Path],
    own: DeckDefinition | None = None,
    ids: Sequence[str] = (),
    *,
    reviewed_only: bool = False,
) -> DeckRequest:
    """Return which decks a call asks for.

    Args:
        paths: The paths that the call names; if there are any, each trial gets a package.
        own: The deck that the options of the call describe; it takes precedence over `paths`.
        ids: The ids of the deck definitions to build; all by default.
        reviewed_only: Leave out what nobody has reviewed, or somebody disputes.

    Returns:
        The request; without `paths` and `own`, it asks for the deck definitions of the project.
    """
    definitions = (own or BY_TRIAL,) if own or paths else ()
    return DeckRequest(definitions, tuple(ids), reviewed_only=reviewed_only)


def read_profile(path: Path) -> Profile:
    """Read the profile of a reader and print its problems.

    Raises TrialdeckError if the profile has errors.
    """
    file = load_profile(path, path.as_posix())
    for line in problem_lines(file.problems):
        echo_styled(line, err=True)
    return sound_profile(file)
