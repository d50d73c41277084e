"""Draw a formula while it is written: TeX as MathML."""

from html import unescape
from xml.etree.ElementTree import Element, tostring

_ATTRIBUTES = frozenset({"xmlns", "display", "stretchy", "fence", "form", "mathvariant", "accent", "movablelimits",
                         "separator", "linethickness", "columnalign", "minsize", "maxsize", "lspace", "rspace",
                         "width"})  # fmt: skip
"""The attributes that may stay: none of them has an address or a style."""
_LONGEST = 2000


def mathml_of(tex: str) -> str:
    """Return a formula as MathML; empty where it is not whole yet, or too long to be a formula."""
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415 - one dialog needs it

    if not tex.strip() or len(tex) > _LONGEST:
        return ""
    try:
        drawn: Element = convert_to_element(tex)
    except Exception:  # noqa: BLE001 - it has an error of its own for each fault, and half a formula has many
        return ""
    for element in drawn.iter():
        # The converter has characters as references in its texts, and leaves the escaping to others.
        element.text = unescape(element.text or "")
        element.attrib = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
    return tostring(drawn, encoding="unicode")
