"""Statements with deletions, made of whatever marks Markdown and Anki know, and how Anki and learners read them."""

import re

from bs4 import BeautifulSoup
from hypothesis import strategies as st

READ_BY_ANKI = re.compile(r"\{\{|\[sound:|\[/?anki:|\[/?latex\]|\[/?\$\$?\]|\[\[type:", re.IGNORECASE)
ANKI_CLOZE = re.compile(r"\{\{c([0-9]+)::(.*?)(?:::(.*?))?\}\}", re.DOTALL)
MARKS = [
    *"*_`~#>|+-=![]()<>{}&$\\:;/'\"%.1 a\n\t",
    "\n\n", "  \n", "    ", "1. ", "- ", "---", "```", "~~~", "**", "|-|-|\n", "[x]: ", "](", "https://a.b", "<https://a.b>",
    "{{c1::", "{{", "}}", "::", "[sound:", "[latex]", "[$]", "[[type:", "sound:x", "latex", "/",
    "\\(", "\\)", "\\[", "\\]", "$$", "<b>", "</p>", "<!--", "&lt;", "&#123;", "&colon;", "%EF%B7%900%EF%B7%91",
    "\ufdd00\ufdd1", "\x00", "\r", "\r\n", "\x85", "\u2028", "\xa0",
]  # fmt: skip
CLOZE_MARKS = [mark for mark in MARKS if mark not in ("{{c1::", "}}", "{{", "::", "\n\n")]
WORDS = st.lists(st.sampled_from([*CLOZE_MARKS, "$y$", "\\(z_{{1}}\\)", "$a::b$"]), max_size=6).map("".join)
DELETION = st.builds("{{{{c{}::{}{}}}}}".format, st.integers(1, 12), WORDS, st.just("") | WORDS.map("::{}".format))
STATEMENT = st.lists(WORDS | DELETION | st.sampled_from(MARKS), min_size=1, max_size=8).map("".join)


def seen(html: str) -> str:
    """What a learner reads, white space folded."""
    return folded(BeautifulSoup(f"<body>{html}", "html.parser").get_text())


def folded(text: str) -> str:
    return " ".join(text.split())
