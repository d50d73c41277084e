"""Whether HTML runs anything or loads anything: a card of ours never does, and Anki would let it.

This is a second lock: the first is that a learner subscribes to whom they trust. What is not known to be harmless is
refused, also where a browser might read it otherwise than Python.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_ALLOWED = frozenset({
    "a", "abbr", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "circle", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "ellipse", "em", "figcaption", "figure", "footer",
    "g", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "line", "main", "mark",
    "nav", "ol", "p", "path", "polygon", "polyline", "pre", "q", "rect", "s", "samp", "section", "small", "span",
    "strong", "sub", "summary", "sup", "svg", "table", "tbody", "td", "text", "tfoot", "th", "thead", "time", "tr",
    "tspan", "u", "ul", "var", "wbr",
})  # fmt: skip
_PLAIN = frozenset({
    "a", "b", "bdi", "br", "code", "dd", "div", "dl", "dt", "em", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "li", "line", "ol", "p", "pre", "rect", "s", "span", "strong", "sub", "sup", "svg", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
})  # fmt: skip
_BARE = re.compile(rf"</?(?:{'|'.join(sorted(_PLAIN))})>")
_ELEMENT = re.compile(r"</?([a-z0-9]+)(?: [a-z][a-z0-9-]*=\"[^\"<>]*\")*>")
"""An element that every reader reads alike: most of ours."""
_SUSPECT_ATTRIBUTE = re.compile(
    r" (?:on|src|href|poster|background|action|form|data|ping|manifest)|\\|url|@|expression| style=\"[^\"]*&",
    re.IGNORECASE,
)
_LINK_ELEMENT = re.compile(r"<a href=\"(?:https?://|mailto:)[^\"<>\s]*\">")
_EVENT = re.compile(
    r"\bon(?:error|load|click|dblclick|mouse\w*|key\w*|focus\w*|blur|toggle|begin|end|repeat|animation\w*|transition\w*"
    r"|pointer\w*|touch\w*|drag\w*|drop|scroll\w*|input|change|submit|wheel|copy|cut|paste|context\w*|aux\w*)\s*=",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"<[A-Za-z/!?]")
_OWN_FILE = re.compile(r"[\w.-]+")
_LINK = re.compile(r"(?:https?:|mailto:)[^\x00-\x20]*", re.IGNORECASE)
_FIELD_LINK = re.compile(r"(?:\{\{\w+\}\})+")
_LOADS = re.compile(r"url\s*\(\s*[\"']?\s*(?!#)|@import|expression\s*\(|image-set|\\", re.IGNORECASE)
_LOADING = frozenset({"srcset", "poster", "background", "action", "formaction", "data", "ping", "srcdoc", "manifest"})


def fault_of(html: str, *, is_template: bool = False) -> str:
    """Return what some HTML would run or load, in a few words; empty if nothing. Links are no fault: they are clicked.

    In a template a field may be the whole of a link.
    """
    remainder = _BARE.sub("", html)
    if "<" not in remainder or "<" not in _LINK_ELEMENT.sub("", _ELEMENT.sub(_without_plain, remainder)):
        return ""  # most texts end here: to parse them all would take seconds
    if _EVENT.search(html):
        return "runs a script"
    reader = _Reader(is_template=is_template)
    reader.feed(html)
    if _BEGINNING.search(reader.rawdata):  # what follows in a template would end it
        return "has an element that does not end"
    reader.close()
    return reader.fault


def _without_plain(element: re.Match[str]) -> str:
    """Take out an element that is harmless: of a plain name, and with no attribute that loads, links or styles."""
    return "" if element[1] in _PLAIN and not _SUSPECT_ATTRIBUTE.search(element[0]) else element[0]


def fault_of_style(css: str) -> str:
    """Return what a style would load; empty if nothing."""
    if "</" in css:
        return "ends the style"
    return "loads a file" if _LOADS.search(css) else ""


class _Reader(HTMLParser):
    """Remembers the first fault."""

    def __init__(self, *, is_template: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.fault = ""
        self._is_template = is_template

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self._note(f"has <{tag[:20]}>")
        for name, value in attrs:
            self._note(self._fault_of_attribute(tag, name, value or ""))

    def _fault_of_attribute(self, tag: str, name: str, value: str) -> str:
        if name.startswith("on"):
            return f"runs a script ({name[:20]})"
        if name in {"href", "xlink:href"}:
            return self._fault_of_link(tag, value)
        if name == "src":
            return "" if tag == "img" and _OWN_FILE.fullmatch(value) else "loads a file from elsewhere"
        if name in _LOADING:
            return f"has {name}="
        is_loading = _LOADS.search(value) and (name == "style" or "url" in value.lower())
        return "loads a file by its style" if is_loading else ""

    def _fault_of_link(self, tag: str, value: str) -> str:
        if tag != "a":
            return "" if value.startswith("#") else "loads a file"
        is_field = self._is_template and _FIELD_LINK.fullmatch(value)
        return "" if not value or is_field or _LINK.fullmatch(value) else "has a link that is no web or mail address"

    def handle_data(self, data: str) -> None:
        if _BEGINNING.search(data):
            self._note("has an element that does not end")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - the form of HTMLParser
        self._note("has a declaration")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self._note("has a declaration")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self._note("has an instruction")

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self._note("has a comment")

    def _note(self, fault: str) -> None:
        self.fault = self.fault or fault
