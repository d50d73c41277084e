"""Fixtures of a learner who follows a project: its editions, and a collection that has the first of them.

A test module says `pytest_plugins = ["subscribers"]`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from addon_editions import SiteEdition, publish_editions
from subscriber import Subscriber


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[SiteEdition]:
    """All editions of the project, the first one first."""
    return publish_editions(tmp_path_factory.mktemp("editions"))


@pytest.fixture
def learner(tmp_path: Path, editions: list[SiteEdition]) -> Iterator[Subscriber]:
    """A learner who has subscribed to the first edition."""
    made = Subscriber(tmp_path / "learner")
    made.update(editions[0].site)
    yield made
    made.close()
