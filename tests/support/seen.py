"""What can be read on a card: the text of its HTML in lines."""

import re
from html import unescape


def seen(html: str) -> str:
    """Return the text of some HTML in lines, with the bullets and numbers of its lists."""
    lists: list[int | None] = []
    text = ""
    for tag, words in re.findall(r"<([^>]*)>|([^<]+)", html):
        name = tag.partition(" ")[0]
        if name in {"ul", "ol"}:
            start = re.search('start="([0-9]+)"', tag)
            lists.append(None if name == "ul" else int(start[1]) if start else 1)
        elif name in {"/ul", "/ol"}:
            lists.pop()
        elif name == "li":
            number = lists[-1]
            text += "• " if number is None else f"{number}. "
            lists[-1] = None if number is None else number + 1
        text += words
    return re.sub("\n+", "\n", unescape(text)).strip()
