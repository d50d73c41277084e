"""Whether HTML runs anything or loads anything: a card of ours never does, and Anki would let it.

This is a second lock: the first is that a learner subscribes to whom they trust. What is not known to be harmless is
refused, also where a browser might read it otherwise than Python.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

LINK_FIELDS = frozenset({"Link", "Report"})
"""The fields that templates have as the address of a link."""
CLASS_FIELDS = frozenset({"Perspective", "Tags"})
"""The fields that templates have in a class."""

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
    r" (?:on|src|href|poster|background|action|form|data|ping|manifest)|\\|url|@|expression|image|\{\{|\}\}|::"
    r"| style=\"[^\"]*&",
    re.IGNORECASE,
)
_LINK_ELEMENT = re.compile(r"<a href=\"(?:https?://|mailto:)(?:[^\"<>\s{}:]|:(?!:))*\">")
_EVENT = re.compile(
    r"\bon(?:error|load|click|dblclick|mouse\w*|key\w*|focus\w*|blur|toggle|begin|end|repeat|animation\w*|transition\w*"
    r"|pointer\w*|touch\w*|drag\w*|drop|scroll\w*|input|change|submit|wheel|copy|cut|paste|context\w*|aux\w*)\s*=",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"<[A-Za-z/!?]")
_OWN_FILE = re.compile(r"[\w.-]+")
_LINK = re.compile(r"(?:https?:|mailto:)[^\x00-\x20]*", re.IGNORECASE)
_FIELD_LINK = re.compile(rf"\{{\{{(?:{'|'.join(sorted(LINK_FIELDS))})\}}\}}(?:\{{\{{Tags\}}\}})?")
_LINK_VALUE = re.compile(r"(?:https?://|mailto:)[^\x00-\x20\"<>]*")
_CLASS_VALUE = re.compile(r"[^\x00-\x1f\"<>]*")
_TEMPLATE_ELEMENT = re.compile(r"</?([a-z0-9]+)((?: [a-z][a-z0-9-]*(?:=\"[^\"<>]*\")?)*)>")
"""An element of which no field and no section of a template can make another one."""
_VALUE = re.compile(r"([a-z0-9-]+)=\"([^\"]*)\"")
_FIELD = re.compile(r"\{\{([#^/]?)([\w -]+)\}\}")
_SECTION = re.compile(r"\{\{[#^/][\w -]+\}\}")
_OF_ANKI = re.compile(
    r"\[(?:/?anki:|/?latex\]|/?\$\$?\]|sound:(?!trialdeck-[0-9a-f]{20}\.(?:mp3|ogg)\]))"
    r"|::\s*(?:sound:|/?anki:|/?latex|/?\$)",
    re.IGNORECASE,
)
"""What Anki reads in a text: sounds from anywhere, speech, LaTeX; it puts brackets around the hint of a deletion."""
_FORMULA = re.compile(r"\\[(\[]|\\begin\b|\$\$")
_UNSAFE_TEX = re.compile(
    r"\\(?:href|url|require|autoload|style|class|cssId|data|html\w*|bbox|fcolorbox|unicode|mmlToken|toggle|toolTip"
    r"|texttip|mathtip|csname|(?:re)?new(?:command|environment|tagform)|DeclareMathOperator"
    r"|DeclarePairedDelimiters?(?:X|XPP)?|mathtoolsset|setOptions|g?def|edef|xdef|let|futurelet|includegraphics"
    r"|Newextarrow)(?![A-Za-z])"
)
"""TeX by which MathJax makes links and styles, or new commands."""
_LOADS = re.compile(r"url\s*\(\s*[\"']?\s*(?!#)|@import|expression\s*\(|image-set|\\", re.IGNORECASE)
_LOADING = frozenset({"srcset", "poster", "background", "action", "formaction", "data", "ping", "srcdoc", "manifest"})


def fault_of(html: str, *, is_template: bool = False) -> str:
    """Return what some HTML would run or load, in a few words; empty if nothing. Links are no fault: they are clicked.

    In a template a field may be the whole of a link.
    """
    if fault := _fault_of_template(html) if is_template else _fault_of_marks(html):
        return fault
    remainder = _BARE.sub("", html)
    if "<" not in remainder or "<" not in _LINK_ELEMENT.sub("", _ELEMENT.sub(_without_plain, remainder)):
        return ""  # most texts end here: to parse them all would take seconds
    if _EVENT.search(html):
        return "runs a script"
    reader = _Reader(is_template=is_template, is_cloze=not is_template and "{{c" in html)
    reader.feed(html)
    if _BEGINNING.search(reader.rawdata):  # what follows in a template would end it
        return "has an element that does not end"
    reader.close()
    return reader.fault


def fault_of_value(field: str, value: str) -> str:
    """Return what is wrong with a field that templates have in an attribute; empty if nothing, or if it is none."""
    if field in LINK_FIELDS and value and not _LINK_VALUE.fullmatch(value):
        return "has a link that is no web or mail address"
    return "would end an attribute" if field in CLASS_FIELDS and not _CLASS_VALUE.fullmatch(value) else ""


def _fault_of_marks(html: str) -> str:
    """Return what Anki or MathJax would make of a text, beside its elements."""
    if ("[" in html or "::" in html) and _OF_ANKI.search(html):
        return "has a sound from elsewhere, speech or LaTeX"
    if "\\" in html or "&#" in html or "&bsol" in html:
        text = unescape(html)
        if _FORMULA.search(text) and _UNSAFE_TEX.search(text):
            return "has a formula that makes a link or a style"
    return ""


def _fault_of_template(html: str) -> str:
    """Return by what a template could become something else once its fields are filled in."""
    text = _TEMPLATE_ELEMENT.sub(" ", html)
    if "<" in text or "\\" in text:
        return "has an element that is not written plainly"
    if "[{{" in _SECTION.sub("", text) or "}}{{" in _SECTION.sub("", text) or _OF_ANKI.search(text):
        return "joins a field with what is before it"
    values = (value for element in _TEMPLATE_ELEMENT.finditer(html) for value in _VALUE.findall(element[2]))
    return next(filter(None, (_fault_of_filled(name, value) for name, value in values if "{{" in value)), "")


def _fault_of_filled(name: str, value: str) -> str:
    """Return what is wrong with an attribute of a template that has fields in it."""
    if name == "href":
        return "" if _FIELD_LINK.fullmatch(value) else "has a link that is no web or mail address"
    open_ones: list[str] = []
    is_ours = name == "class" and "{{" not in _FIELD.sub("", value)
    for kind, field in _FIELD.findall(value):
        if kind == "/":
            is_ours = is_ours and bool(open_ones) and open_ones.pop() == field
        elif kind:
            open_ones.append(field)
        else:
            is_ours = is_ours and field in CLASS_FIELDS
    return "" if is_ours and not open_ones else f"has a field in {name}="


def _without_plain(element: re.Match[str]) -> str:
    """Take out an element that is harmless: of a plain name, and with no attribute that loads, links or styles."""
    return "" if element[1] in _PLAIN and not _SUSPECT_ATTRIBUTE.search(element[0]) else element[0]


def fault_of_style(css: str) -> str:
    """Return what a style would load; empty if nothing."""
    if "</" in css:
        return "ends the style"
    return "loads a file" if _LOADS.search(css) else ""


_OF_CLOZES = ("{{", "}}", "::")
"""What begins, parts and ends a deletion: Anki would cut an element there."""


class _Reader(HTMLParser):
    """Remembers the first fault."""

    def __init__(self, *, is_template: bool, is_cloze: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.fault = ""
        self._is_cloze = is_cloze
        self._is_template = is_template

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self._note(f"has <{tag[:20]}>")
        written = self.get_starttag_text() or ""
        if self._is_cloze and any(mark in written for mark in _OF_CLOZES):
            self._note("has a deletion in an element")
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
