"""The frames that cards are shown in: documents of their own, in which no script runs and nothing is loaded."""

import re
from base64 import b64encode
from hashlib import sha256

import trialdeck as td
from trialdeck.site.styles import card_style

SIZES = (100, 125, 150, 200)
"""The sizes of text that a card can be looked at, in per cent."""

FRAME_STYLE = card_style(td.card_style()) + "".join(f".size-{size} {{ font-size: {size}% }}\n" for size in SIZES[1:])
"""The only style of a frame: that of the note types, by day, by night and on a phone, and the sizes of text."""

_HASH = f"sha256-{b64encode(sha256(FRAME_STYLE.encode()).digest()).decode()}"
_POLICY = f"default-src 'none'; style-src '{_HASH}'; img-src data:; media-src data:"
_HEAD = f"""<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<base target="_blank">
<style>{FRAME_STYLE}</style>"""


# Only plots have a style of their own, as numbers. In texts a `<` is always escaped, so this is never one of them.
_PLACED = re.compile(r'(<[a-z]+(?: [^<>]*?)?) style="((?:left|width):[0-9.]+%)"')


def framed(side: str) -> str:
    """Return a side of a card as a frame takes it: what stands at a place of a plot is put there by `card_frame.js`.

    The policy of a frame allows no style in an element.
    """
    return _PLACED.sub(r'\1 data-place="\2"', side)


def frame_document(side: str, look: str) -> str:
    """Return the document of a frame with one side of a card.

    It belongs into the `srcdoc` of a frame whose sandbox allows the page to look in (`allow-same-origin`), and allows
    neither scripts nor windows: links, which all ask for a window, do nothing.

    Args:
        side: The HTML of the side; empty for a side that comes later.
        look: The class of the page's colours: `dayMode`, `nightMode`, or empty for those of the system.
    """
    return (
        f'<!doctype html><html lang="en" class="{look}"><head>{_HEAD}<title>Card</title></head>'
        f'<body class="card card1">{framed(side)}</body></html>'
    )
