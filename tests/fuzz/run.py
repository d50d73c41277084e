"""Fuzz all targets, one after the other: `python tests/fuzz/run.py [--seconds 60] [TARGET...]`; see `make fuzz`.

What covers something new is kept in `.fuzz/corpus/TARGET` for the next time. A target ends at the first input that
breaks it, or that is slow for its size; that input is left in `.fuzz/found`, and the exit code is 1.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from fuzz.target import Target  # noqa: E402 - its folder has to be found first
from fuzz.targets import TARGETS, beginnings, dictionary  # noqa: E402

KEPT = HERE.parents[1] / ".fuzz"
_EXECUTED = re.compile(r"stat::number_of_executed_units: ([0-9]+)")
_DONE = re.compile(r"Done [0-9]+ runs in ([0-9]+) second")
_SLOWEST = re.compile(r"slowest: ([0-9.]+ ms for [0-9]+ bytes)")
_FOUND = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one target: how often it ran, for how long, its slowest input, and the file that broke it."""

    name: str
    executions: int
    seconds: int
    slowest: str
    failed: bool
    found: str

    @property
    def line(self) -> str:
        """One line of the closing table."""
        pace = self.executions // max(self.seconds, 1)
        told = f"FAILED: {self.found or 'see above'}" if self.failed else "nothing found"
        return f"{self.name:<12}{self.executions:>12,}{pace:>10,}  {self.slowest:<28}{told}"


def fuzz(target: Target, seconds: int) -> Outcome:
    """Fuzz one target in a process of its own; what it says goes to a log as well."""
    corpus, log = KEPT / "corpus" / target.name, KEPT / f"{target.name}.log"
    found, words = KEPT / "found", KEPT / f"{target.name}.dict"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for _, content in beginnings(target):
        (corpus / hashlib.sha256(content).hexdigest()[:40]).write_bytes(content)
    words.write_text(dictionary(target), encoding="ascii")
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={target.longest}",
        "-timeout=25",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
        f"-artifact_prefix={found}/{target.name}-",
        *([f"-dict={words}"] if target.words else []),
    ]
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=str(memory) if memory.is_dir() else None) as scratch:
        command = [sys.executable, str(HERE / "one.py"), target.name, str(corpus), *options]
        with log.open("wb") as said:
            ended = subprocess.run(
                command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": scratch}, check=False
            )
    return outcome(target.name, log.read_text(encoding="utf-8", errors="replace"), failed=ended.returncode != 0)


def outcome(name: str, said: str, *, failed: bool) -> Outcome:
    """Read the outcome from what libFuzzer has said."""
    executed, done, broke = _EXECUTED.search(said), _DONE.search(said), _FOUND.search(said)
    if failed:
        print(said[-4000:])  # noqa: T201
    return Outcome(
        name,
        int(executed[1]) if executed else 0,
        int(done[1]) if done else 0,
        next(iter(reversed(_SLOWEST.findall(said))), ""),
        failed,
        broke[1] if broke else "",
    )


def main() -> int:
    """Fuzz what is asked for, and end with a table."""
    parser = argparse.ArgumentParser(description="Fuzz what reads the bytes of strangers.")
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - TARGETS.keys():
        parser.error(f"unknown target: {min(unknown)}; there are {', '.join(TARGETS)}")
    outcomes = []
    for name in arguments.targets or TARGETS:
        print(f"{name} …", flush=True)  # noqa: T201
        outcomes.append(fuzz(TARGETS[name], arguments.seconds))
    print(f"\n{'target':<12}{'executions':>12}{'a second':>10}  slowest")  # noqa: T201
    for each in outcomes:
        print(each.line)  # noqa: T201
    print(f"{'together':<12}{sum(each.executions for each in outcomes):>12,}")  # noqa: T201
    return int(any(each.failed for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
