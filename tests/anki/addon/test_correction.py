"""A learner's correction on its whole way: from a card in Anki to the author, into the next edition, and back."""

import sys
from pathlib import Path

from addon_program import Theatre, built_addon
from editions import DAY, FIRST, PERIOD
from folders import ROOT
from many_editions import many_editions
from web_folder import served


def test_a_correction_comes_back_with_the_next_edition(tmp_path: Path) -> None:
    made = many_editions(tmp_path, 0)
    current, mail, site = tmp_path / "current", tmp_path / "mail.txt", tmp_path / "next"
    current.symlink_to(made.sites[0])
    call = [
        "env", "-C", str(made.project.folder), f"SOURCE_DATE_EPOCH={FIRST + PERIOD + DAY}",
        f"PYTHONPATH={ROOT / 'src'}", sys.executable, "-m", "trialdeck",
    ]  # fmt: skip
    author = [
        [*call, "pull", str(mail), "--apply", "--accept", "ember-3/question/why"],
        [*call, "build"],
        [*call, "site", "--out", str(site)],
    ]
    with served(current) as address:
        told = Theatre(tmp_path / "anki", built_addon(tmp_path)).play(
            "correct", address=address, current=str(current), file=str(mail), author=author, site=str(site)
        )
    assert [said.partition(" ")[0] for said in told["author"]] == ["0", "0", "0"], told["author"]
    assert told["links"][0].startswith("mailto:errors@example.org?")
    assert told["corrected"]["Response"] == "<p>It binds <strong>emberin</strong> in the palm of the hand.</p>"
    record = (made.project.seeds / "ember-3.yaml").read_text(encoding="utf-8")
    assert "palm of the hand." in record
    assert "Ada Example" in record
    assert "Ada Example" in made.project.notes
    assert told["corrected"]["Extra"] == "my own words"
    assert told["reports"] == ["31 new", "1 updated; kept what you wrote on 1"]
