"""What a learner keeps over ten editions: the table of docs/subscribe.md, measured; and updates that are killed."""

from pathlib import Path

import pytest

from addon_editions import SiteEdition, publish_editions
from addon_kills import STAGES, Killed, learner_of, outcomes
from matrices import IS_FULL
from subscribed import ADDON, PLAIN, PLAIN_CARDS, RELEASES, measure, published_column, rows

NEWEST, OLDEST = str(RELEASES[-1]), str(RELEASES[0])
COLUMNS = [
    (ADDON, OLDEST),
    (ADDON, NEWEST),
    (PLAIN_CARDS, NEWEST),
    *([(PLAIN, NEWEST), (PLAIN, OLDEST), (PLAIN_CARDS, OLDEST)] if IS_FULL else []),
]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[SiteEdition]:
    return publish_editions(tmp_path_factory.mktemp("editions"))


@pytest.mark.parametrize(("way", "release"), COLUMNS)
def test_the_page_says_what_was_measured(way: str, release: str, editions: list[SiteEdition]) -> None:
    # If this fails, run `python tests/support/subscribed.py` and look at what has changed.
    measured = rows(measure(next(each for each in RELEASES if str(each) == release), way, editions))
    assert measured == published_column(way, release)


@pytest.mark.parametrize("release", [OLDEST, NEWEST])
def test_the_add_on_keeps_everything(release: str) -> None:
    for name, kept in published_column(ADDON, release).items():
        count, _, whole = kept.partition(" of ")
        assert kept == "yes" or (count == whole != "0"), name


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, editions: list[SiteEdition]) -> Killed:
    return learner_of(editions[:8], tmp_path_factory.mktemp("killed"))


SAMPLE = (2, 5, 7, 10, STAGES)
"""Before the media, in the import, in the merge, before the end of the transaction, and just after it."""


@pytest.mark.skipif(IS_FULL, reason="all stages are tried")
@pytest.mark.parametrize("stage", SAMPLE)
def test_an_update_that_is_killed_has_written_nothing_or_all(stage: int, killed: Killed) -> None:
    assert killed.outcome(die_at=stage) == ("all was written" if stage == STAGES else "nothing was written")


@pytest.mark.skipif(not IS_FULL, reason="only with TRIALDECK_FULL=1")
def test_an_update_that_is_killed_a_hundred_times_harms_nothing(killed: Killed) -> None:
    found = list(outcomes(killed, 100))
    assert len(found) == 100
    assert found[:STAGES] == ["nothing was written"] * (STAGES - 1) + ["all was written"]


def test_the_stages_are_all_there_are(killed: Killed) -> None:
    assert killed.outcome(die_at=STAGES + 1) == "done before it was killed"


def test_the_table_stands_in_the_docs(root: Path) -> None:
    assert "tests/support/subscribed.py" in (root / "docs" / "subscribe.md").read_text(encoding="utf-8")
