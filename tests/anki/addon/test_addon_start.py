"""What the add-on costs when Anki starts, and what its types are in Anki's own program. Only with TRIALDECK_FULL=1."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from addon_program import Theatre, built_addon
from anki_releases import NEWEST, desktop_python
from folders import ROOT
from many_editions import many_editions
from matrices import ONLY_FULL
from web_folder import served


@ONLY_FULL
def test_a_look_without_news_is_not_noticed(
    tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    site = many_editions(tmp_path, 0).sites[0]
    theatre = Theatre(tmp_path / "anki", built_addon(tmp_path))
    with served(site) as address:
        theatre.play("first", address=address)
        told = theatre.play("unnoticed")
    assert told["dialogs"] == []
    assert told["faults"] == []
    loading, look = told["addons_after"][1], told["look"]
    record_testsuite_property("add-on: seconds of the main thread at the start of Anki", round(loading + look, 4))


@ONLY_FULL
def test_the_windows_fit_the_types_of_ankis_own_program() -> None:
    call = [
        sys.executable, "-m", "mypy", "--config-file", "/dev/null", "--cache-dir", "/dev/null", "--strict",
        "--python-executable", str(desktop_python(NEWEST)), "-p", "trialdeck_addon.gui", "-p", "trialdeck_addon.texts",
    ]  # fmt: skip
    done = subprocess.run(call, cwd=ROOT / "addon", capture_output=True, encoding="utf-8", check=False)
    # The core names ids as plain numbers, because it is checked without Anki's own types.
    faults = [line for line in done.stdout.splitlines() if "/core/" not in line and ": error:" in line]
    assert faults == []
    assert "checked" in done.stdout, done.stdout + done.stderr
