"""The table of problem codes in the docs is complete and true."""

import re
from pathlib import Path

import pytest

from trialdeck.core.codes import CODES

ROW = re.compile(r"\| (TD\d{3}) \| (error|warning) \| (.+?) \| (.+) \|")
USE = re.compile(r'"(TD\d{3})"')


def test_the_docs_show_every_code_as_it_is(root: Path) -> None:
    text = (root / "docs" / "problems.md").read_text(encoding="utf-8")
    shown = {found[1]: found.groups()[1:] for found in ROW.finditer(text)}
    assert shown == {
        name: ("warning" if code.warning else "error", code.title, code.advice) for name, code in CODES.items()
    }, "each code has a row: | code | error or warning | title | advice |, as core/codes.py has it"


def test_every_code_is_used_and_every_used_code_is_known(root: Path) -> None:
    sources = (path for path in (root / "src").rglob("*.py") if path.name != "codes.py")
    used = {code for path in sources for code in USE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_codes_from_400_are_warnings(code: str) -> None:
    assert CODES[code].warning == (code >= "TD400")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_an_example(root: Path, code: str) -> None:
    files = (
        path
        for path in (root / "tests").rglob("*")
        if path.suffix in {".py", ".yaml"} and path.name != Path(__file__).name
    )
    assert any(code.encode() in path.read_bytes() for path in files), "a test shows what it finds, and where"
