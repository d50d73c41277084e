"""Run a command in a process of its own, and measure the memory that it takes."""

import subprocess
import sys
from pathlib import Path

import trialdeck

# The kernel's own peak of a process begins with that of the process that started it; VmHWM is the program's alone.
MEASURED = """
import re, sys
from pathlib import Path
from trialdeck.cli import main
try:
    main(sys.argv[1:])
finally:
    print(re.search("VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def measured(folder: Path, *arguments: str) -> tuple[int, str, str, int]:
    """Run a command by itself; return its exit code, what it told, and the peak of its memory in bytes."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        capture_output=True, text=True, check=False, cwd=folder, timeout=600,
        env={"TMPDIR": str(scratch), "PATH": "", "LANG": "C.UTF-8",
             "PYTHONPATH": str(Path(trialdeck.__file__).parents[1]),
             "TRIALDECK_CACHE": str(folder / "cache"), "TRIALDECK_STATE": str(folder / "state")},
    )  # fmt: skip
    *told, peak = done.stderr.splitlines()
    assert list(scratch.iterdir()) == []
    scratch.rmdir()
    return done.returncode, done.stdout, "\n".join(told), int(peak) * 1024
