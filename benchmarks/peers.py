"""What trialdeck is measured beside, as the `bench` extra pins it."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from measure import run

HERE = Path(__file__).parent
PROJECT = HERE.parent
OWN_ENVIRONMENT = "anki-yaml-tool"
"""A program of its own, which may want other releases of libraries than trialdeck does."""


def pinned(name: str) -> str:
    """Return the requirement of the `bench` extra for a package."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra: list[str] = project["optional-dependencies"]["bench"]
    return next(each for each in extra if each.startswith(f"{name}=="))


def anki_yaml_tool() -> str:
    """Return the path of anki-yaml-tool's program, for which an environment is made if there is none."""
    environment = PROJECT / ".venvs" / f"bench-{pinned(OWN_ENVIRONMENT).replace('==', '-')}"
    program = environment / "bin" / OWN_ENVIRONMENT
    if not program.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment], check=True)
        into = ["--compile-bytecode", "--python", os.fspath(environment)]
        subprocess.run([*uv, "pip", "install", "--quiet", *into, pinned(OWN_ENVIRONMENT)], check=True)
    return os.fspath(program)


def script(name: str, *arguments: str | Path | int) -> list[str]:
    """Return the command that runs one of our scripts about a peer."""
    return [sys.executable, os.fspath(HERE / "scripts" / f"{name}.py"), *map(str, arguments)]


def timed_inside(command: list[str]) -> dict[str, float]:
    """Run a script that takes the time of one part of its work; return what it reports."""
    ended = run(command, heard=True)
    return {**json.loads(ended.output.splitlines()[-1]), "largest": ended.largest}


def versions() -> dict[str, str]:
    """Return the versions of all that takes part."""
    names = ("trialdeck", "genanki", "anki", "PyYAML", "click", "distributed")
    return {name: version(name) for name in names} | {OWN_ENVIRONMENT: pinned(OWN_ENVIRONMENT).partition("==")[2]}
