"""All targets by name. They need no fuzzer: a test runs each on everything that is kept."""

from collections.abc import Iterator, Mapping

from fuzz import markups, packed, seeds, texts
from fuzz.target import Target

_MARKDOWN = (
    "**", "__", "~~", "```", "$$", "$", "\\(", "\\)", "\\[", "\\]", "{{c1::", "::", "}}", "|---|", "](http://a",
    "<script>", "onload=", "javascript:", "[sound:", "[latex]", "&#91;", "\n\n", "\n- ", "\n1. ", "\n> ", "\n# ",
    "\ufdd00\ufdd1", "%EF%B7%900%EF%B7%91", "<br>", "<p>", "</p>", "<strong>", "<table>", "<td>",
)  # fmt: skip
_YAML = (
    "questions:", "key_findings:", "results:", "cloze:", "figures:", "related_trials:", "review:", "source:", "ci:",
    "\n  - ", "\n    ", ": |\n", ": >-\n", "{", "}", "[", "]", "&a ", "*a", "!!str ", "---\n", "? ", "<<: ", "\\u0000",
    "\u2028", "\x85", "not reached", "{{c1::", "}}", "$x$",
)  # fmt: skip
_PAGE = (
    "Key Findings", "Study Design", "Study Limitations", "Guided Discussion", "Scholarly Review", "Related Trials",
    "Key Response", "Source:", "View publication", "Takeaways", "Clinical Significance", "Historical Context",
    "https://doi.org/10.1000/x", "NCT00000001", "<p>", "<h1>", "<h2>", "<li hidden>", "<sup>", "<a href=", "<pre>",
    "<![CDATA[", "<!--", "-->", "&#", "\n",
)  # fmt: skip
_NOTES = (
    "# ", "## Results\n", "**Results**\n", "Results: ", "Q: ", "A: ", "- ", "1. ", "| a | b |\n|---|---|\n", "---\n",
    "```\n", "<details><summary>", "<p>", "<b>", "<ul><li>", "<sup>", "> ", "[a](https://e.org)",
    "![a](b.png)", "<!--", "HR 0.7",
)  # fmt: skip
_SVG = (
    "<path ", "<use ", "<style>", "<image ", "href=", "xlink:href=", "data:image/png;base64,", "url(#", "url(http://a)",
    "<!DOCTYPE ", "<!ENTITY ", "onload=", "<script>", "xmlns:xlink=", "xml:space=", "<![CDATA[", "]]>", "\\",
)  # fmt: skip
_SQL = ("SQLite format 3", "CREATE TABLE ", "notes", "cards", "col", "decks", '"flds":', '"name":', "\x1f")

_ALL = (
    Target("yaml", texts.yaml, seeds.records, 50_000, 8, _YAML),
    Target("settings", texts.settings, seeds.settings, 4_000, 4, _YAML),
    Target("page", texts.page, seeds.pages, 20_000, 20, _PAGE),
    Target("notes", texts.notes, seeds.notes, 8_000, 40, _NOTES),
    Target("html", texts.html, seeds.pages, 20_000, 20, _PAGE),
    Target("svg", texts.svg, seeds.drawings, 20_000, 4, _SVG),
    Target("cloze", texts.cloze, seeds.texts, 4_000, 1, _MARKDOWN),
    Target("cells", texts.cells, seeds.texts, 2_000, 8, ("results:", " | ", "\n", "2031-01-02", "1.0e5", "'=")),
    Target("csv", texts.csv, seeds.sheets, 20_000, 8, ("sep=;", "\r\n", '""', ";", "\t")),
    Target("markup", markups.markup, seeds.texts, 20_000, 16, _MARKDOWN),
    Target("plain", markups.plain, seeds.texts, 20_000, 40, _MARKDOWN),
    Target("unrendered", markups.unrendered, seeds.texts, 2_000, 1, _MARKDOWN),
    Target("package", packed.package, seeds.packages, 50_000, 8, _SQL),
    Target("database", packed.database, seeds.databases, 50_000, 8, _SQL),
    Target("media", packed.media, seeds.messages, 4_000, 8),
    Target("meta", packed.meta, seeds.messages, 4_000, 8),
    Target("wire", packed.wire, seeds.messages, 4_000, 2),
)
TARGETS: Mapping[str, Target] = {target.name: target for target in _ALL}


def beginnings(target: Target) -> Iterator[tuple[str, bytes]]:
    """Everything that is kept for a target, cut to its longest, each with a name."""
    for number, content in enumerate(target.seeds()):
        yield f"seed {number}", content[: target.longest]
    for name, content in seeds.kept(target.name):
        yield name, content


def dictionary(target: Target) -> str:
    """The words of a target, as libFuzzer reads them: one a line, every byte by its number."""
    return "".join('"{}"\n'.format("".join(f"\\x{byte:02x}" for byte in word.encode())) for word in target.words)
