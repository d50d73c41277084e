"""Run a command as the only child of a small process, and report its time and the memory that it took at the peak.

python -I -S wrapper.py REPORT [--sample] --kill-after=SECONDS COMMAND...

A process starts with the peak of the one that starts it, so this one must be small. The memory of all processes
together is sampled: for each its proportional share (PSS), so that pages which they share count once.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

INTERVAL = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Run the command, write the report, and return the command's exit code."""
    report, *rest = sys.argv[1:]
    sample = rest[0] == "--sample"
    kill_after = float(rest[sample].partition("=")[2])
    start = time.perf_counter()
    child = subprocess.Popen(rest[sample + 1 :], stdin=subprocess.DEVNULL)
    watch = Watch(child.pid)
    if sample:
        threading.Thread(target=watch.sample, daemon=True).start()
    if kill_after:
        threading.Timer(kill_after, watch.kill_busiest).start()
    code = child.wait()
    seconds = time.perf_counter() - start
    watch.over = True
    if kill_after and not watch.killed:
        sys.exit("no process below was there to be killed")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would make this process larger
        json.dump({"seconds": seconds, "largest": largest, "tree": watch.peak}, file)
    return code


class Watch:
    """Looks at a process and all processes below it."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.peak = 0
        self.over = False
        self.killed = 0

    def sample(self) -> None:
        """Remember the peak of the memory that all have together, until it is over."""
        while not self.over:
            self.peak = max(self.peak, sum(map(share, tree(self.root))))
            time.sleep(INTERVAL)

    def kill_busiest(self) -> None:
        """Kill the process that has worked most, apart from the first one."""
        below = tree(self.root)[1:]
        if below and not self.over:
            self.killed = max(below, key=worked)
            os.kill(self.killed, signal.SIGKILL)


def tree(root: int) -> list[int]:
    """Return the ids of a process and of all processes below it."""
    found = [root]
    for process in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{process}/task"):  # noqa: PTH208
                with open(f"/proc/{process}/task/{task}/children", encoding="ascii") as file:  # noqa: PTH123
                    found += map(int, file.read().split())
    return found


def share(process: int) -> int:
    """Return the proportional share of memory of a process in bytes; 0 if it has ended."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:  # noqa: PTH123
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def worked(process: int) -> float:
    """Return the seconds that a process has worked; 0 if it has ended."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", encoding="utf-8") as file:  # noqa: PTH123
        fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
