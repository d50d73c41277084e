"""What tests need and cannot have: said once with its reason, and not tried again by each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

import environments
from environments import kept, run_or_fail


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path / "environments")
    monkeypatch.setattr(environments, "_ends", {})


@pytest.mark.parametrize(
    ("end", "outcome"), [(pytest.fail, pytest.fail.Exception), (pytest.skip, pytest.skip.Exception)]
)
def test_what_cannot_be_made_is_tried_once(
    end: Callable[[str], None], outcome: type[BaseException], tmp_path: Path
) -> None:
    tries = []

    def make(path: Path) -> None:
        tries.append(path)
        end("the network is down")

    for _ in range(3):
        with pytest.raises(outcome, match="the network is down"):
            kept("anki-1", make)
    assert len(tries) == 1
    assert list((tmp_path / "environments").iterdir()) == []


def test_what_was_made_is_kept() -> None:
    tries = []

    def make(path: Path) -> None:
        tries.append(path)
        path.mkdir()

    assert kept("anki-1", make) == kept("anki-1", make)
    assert kept("anki-1", make).is_dir()
    assert len(tries) == 1


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(pytest.fail.Exception, match="no such host"):
        run_or_fail(["sh", "-c", "echo no such host >&2; exit 3"])
