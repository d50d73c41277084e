"""Accept an SVG file only if it is nothing but a picture.

What no viewer shows is left out: comments, metadata (that of embedded pictures too), notes of editors, the targets of
links. Anything else that is more than a picture is a fault: scripts, HTML, animation, content from elsewhere.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialdeck.records.media.image_metadata import DamagedError, picture_ending, without_metadata

DEEPEST = 100
"""How deep elements may nest: what draws by hand or by program stays far below."""

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DRAWN = {
    "a", "circle", "clipPath", "defs", "desc", "ellipse", "filter", "g", "image", "line", "linearGradient", "marker",
    "mask", "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "stop", "style", "svg", "switch",
    "symbol", "text", "textPath", "title", "tspan", "use", "view",
}  # fmt: skip
_UNSEEN = frozenset({"metadata"})
_EMBEDDED = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"\burl\(\s*[\"']?\s*([^\"')\s]*)", re.IGNORECASE)
_PICTURE = re.compile(r"\b(data:image/(?:png|jpeg|webp|gif);base64,)([\w+/=%\s]+)", re.IGNORECASE | re.ASCII)
_INSIDE = re.compile(r"#|data:(?:image/(?:png|jpeg|webp|gif)|font/|application/(?:x-)?font)", re.IGNORECASE)
_LOADING = re.compile(r"@import|(?:image-set|(?<![\w-])src)\s*\(|\\", re.IGNORECASE)


def plain_svg(content: bytes) -> tuple[bytes, str]:
    """Return an SVG file without what no viewer shows, and an empty text; or nothing, and what is wrong with it."""
    try:
        root: Element = fromstring(content)
    except DefusedXmlException:
        return b"", "declares entities, which a picture does not need"
    except (ParseError, ValueError, LookupError) as error:
        return b"", f"is not well-formed XML: {error}"
    if root.tag != f"{_SVG}svg":
        return b"", 'does not begin with <svg xmlns="http://www.w3.org/2000/svg">'
    fault = "nests too deep" if _depth(root) > DEEPEST else next(_faults(root), "")
    if fault:
        return b"", fault
    try:
        return tostring(_plain_root(root), encoding="unicode").encode(), ""
    except DamagedError:
        return b"", "embeds a picture that is damaged"


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= DEEPEST:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _faults(root: Element) -> Iterator[str]:
    """Yield what would change the picture if it were left out."""
    for element in _seen(root):
        name = element.tag.removeprefix(_SVG)
        if name not in _DRAWN and not name.startswith("fe"):
            yield f"holds <{name}>"
        for attribute, value in element.attrib.items():
            if attribute.lower().startswith("on"):
                yield f"has the event handler '{attribute}'"
            if _is_target(attribute) and name != "a" and not _is_inside(name, value):
                yield f"loads '{value[:60]}' from elsewhere"
            if not attribute.startswith("{"):
                yield from _style_faults(value, is_style=attribute == "style")
        if name == "style":
            yield from _style_faults(element.text or "", is_style=True)


def _seen(element: Element) -> Iterator[Element]:
    """Yield an element and all in it but what no viewer shows."""
    yield element
    for child in element:
        if _is_seen(child):
            yield from _seen(child)


def _is_seen(element: Element) -> bool:
    return element.tag.startswith(_SVG) and element.tag.removeprefix(_SVG) not in _UNSEEN


def _is_target(attribute: str) -> bool:
    return attribute in {"href", f"{_XLINK}href"}


def _is_inside(name: str, target: str) -> bool:
    is_picture = name in {"image", "feImage"} and _EMBEDDED.match(target.strip())
    return target.strip().startswith("#") or bool(is_picture)


def _style_faults(text: str, *, is_style: bool) -> Iterator[str]:
    for address in _ADDRESS.finditer(text):
        if not _INSIDE.match(address[1]):
            yield f"loads '{address[1][:60]}' from elsewhere"
    if is_style and (loading := _LOADING.search(text)):
        yield f"has '{loading[0]}' in its style"
    elif "\\" in text and "(" in text[text.index("\\") :]:
        yield "has '\\' in its style"


def _plain_root(root: Element) -> Element:
    plain = _plain(root)
    plain.attrib = {
        "xmlns": _SVG.strip("{}"),
        "xmlns:xlink": _XLINK.strip("{}"),
        **plain.attrib,
    }
    return plain


def _plain(element: Element) -> Element:
    """Return a copy with plain names and without what no viewer shows; text behind what is left out stays."""
    name = element.tag.removeprefix(_SVG)
    copy = Element(name, {new: value for new, value in _attributes(element) if not (name == "a" and "href" in new)})
    copy.text = _without_metadata(element.text or "") if name == "style" else element.text
    last: Element | None = None
    for child in element:
        if _is_seen(child):
            last = _plain(child)
            last.tail = child.tail
            copy.append(last)
        elif last is None:
            copy.text = (copy.text or "") + (child.tail or "")
        else:
            last.tail = (last.tail or "") + (child.tail or "")
    return copy


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if not name.startswith("{"):
            yield name, _without_metadata(value)
        elif name == f"{_XLINK}href":
            yield "xlink:href", _without_metadata(value)
        elif name in {f"{_XML}space", f"{_XML}lang"}:
            yield f"xml:{name.removeprefix(_XML)}", value


def _without_metadata(text: str) -> str:
    """Return a text whose embedded pictures have lost their metadata; raises DamagedError."""
    return _PICTURE.sub(_bare_picture, text) if "data:" in text else text


def _bare_picture(found: re.Match[str]) -> str:
    """Return an embedded picture without metadata; what is no such picture is left as it is.

    Like a viewer, this goes by what a picture is, not by what it is called, and does not insist on the padding.
    """
    data = "".join(unquote(found[2]).split()).rstrip("=")
    try:
        content = b64decode(data + "=" * (-len(data) % 4), validate=True)
    except ValueError:
        return found[0]
    bare = without_metadata(content, picture_ending(content)).content
    return found[0] if bare == content else f"{found[1]}{b64encode(bare).decode()}"
