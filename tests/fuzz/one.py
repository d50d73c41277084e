"""Fuzz one target: `python tests/fuzz/one.py TARGET [libFuzzer's options]`. Needs the extra `fuzz`."""

import sys
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["trialdeck"]):
    from fuzz.target import Target, timed
    from fuzz.targets import TARGETS

PATIENCE = 4
"""How much longer code takes that is traced."""


class _Watch:
    """Runs a target, and remembers what took longest."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._longest = 0.0

    def __call__(self, content: bytes) -> None:
        took = timed(self._target, content, patience=PATIENCE)
        if took > self._longest:
            self._longest = took
            print(f"slowest: {took * 1000:.1f} ms for {len(content)} bytes", flush=True)  # noqa: T201


if __name__ == "__main__":
    # A warning would stand on a user's screen.
    warnings.simplefilter("error")
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, _Watch(TARGETS[name]))
    atheris.Fuzz()
