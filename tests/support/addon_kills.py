"""Kill an update at every stage and at any time, and look what became of the learner's collection.

`python tests/support/addon_kills.py` does it a hundred times and says what it found.
"""

import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from addon_editions import SiteEdition, publish_editions
from anki_releases import NEWEST, python_of
from folders import ANKI_PROGRAMS, ROOT

STAGES = 11
"""How many stages the update has; a later one is never reached."""
KILLED = -9


@dataclass(frozen=True)
class Killed:
    """A learner whose update is killed: `before` and `after` are the collection without and with it."""

    folder: Path
    site: Path

    @cached_property
    def before(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self._states(self.folder)[0]
        return state

    @cached_property
    def _updated(self) -> list[Any]:
        with self._copied("after") as folder:
            return self._states(folder, self._update())

    @property
    def after(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self._updated[-1]
        return state

    @property
    def seconds(self) -> float:
        """How long a whole update takes."""
        return float(self._updated[0]["seconds"])

    def outcome(self, **death: float) -> str:
        """Kill an update, and say what is there then and after the next try: nothing else than before, or all of it."""
        with self._copied("killed") as folder:
            died = self._run(folder, {**self._update(), **death})
            found = self._states(folder)[0]
            assert found in (self.before, self.after), f"neither before nor after: {death}"
            assert self._states(folder, self._update())[-1] == self.after, f"not completed: {death}"
        if died.returncode != KILLED:
            assert died.returncode == 0, died.stderr
            return "done before it was killed"
        return "nothing was written" if found == self.before else "all was written"

    @contextmanager
    def _copied(self, name: str) -> Iterator[Path]:
        copy = shutil.copytree(self.folder, self.folder.parent / name)
        yield copy
        shutil.rmtree(copy)

    def _update(self) -> dict[str, Any]:
        return {"update": str(self.site), "answer": "mine"}

    def _states(self, folder: Path, *steps: Mapping[str, Any]) -> list[Any]:
        done = self._run(folder, *steps, {"state": True})
        assert done.returncode == 0, done.stderr
        results: list[Any] = json.loads(done.stdout)
        return results

    def _run(self, folder: Path, *steps: Mapping[str, Any]) -> "subprocess.CompletedProcess[str]":
        plan = {"addon": str(ROOT / "addon"), "folder": str(folder), "steps": steps}
        program = [str(python_of(NEWEST)), "-I", str(ANKI_PROGRAMS / "subscriber.py")]
        return subprocess.run(
            program, input=json.dumps(plan), capture_output=True, encoding="utf-8", timeout=300, check=False
        )


def learner_of(editions: list[SiteEdition], folder: Path) -> Killed:
    """Return a learner with the first edition, and an own life; the last one is to be brought in."""
    killed = Killed(folder / "learner", editions[-1].site)
    killed.folder.mkdir()
    done = killed._run(killed.folder, {"update": str(editions[0].site)}, {"live": "note types"})
    assert done.returncode == 0, done.stderr
    return killed


def outcomes(killed: Killed, number: int) -> Iterator[str]:
    """Kill at each stage, and then at times spread over a whole update."""
    for stage in range(1, STAGES + 1):
        yield killed.outcome(die_at=stage)
    for moment in range(number - STAGES):
        yield killed.outcome(die_after=killed.seconds * moment / (number - STAGES))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        learner = learner_of(publish_editions(Path(scratch), count=7), Path(scratch))
        counts = Counter(outcomes(learner, 100))
    print("\n".join(f"{count:4} {words}" for words, count in sorted(counts.items())))  # noqa: T201 - a script
