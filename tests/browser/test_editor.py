"""What is done in a real editor, by the commands that Anki's toolbar gives to Chromium, is seen on a card afterwards.

Chromium itself says what is seen: every character, how it looks, and where a line ends; before, in the editor, and
after, on the card that the Markdown gives.
"""

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from matrices import IS_FULL
from trialdeck.markdown.from_html import converted
from trialdeck.markdown.render import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest_plugins = ["chromium"]

SCRIPTS = 400 if IS_FULL else 60
STEPS = 14
WORDS = [
    "HR 0.74",
    " (95% CI 0.61–0.90)",
    " p<0.001",
    "HLA-B*57:01",
    " n = 1,234 ",
    "≥50×109",
    " - 3.1 points",
    "2016. ",
    " do not stop",
]
PASTED = [
    '<p class="MsoNormal" style="margin:0cm">Median <b style="mso-ansi-language:EN">20.6</b> months<o:p></o:p></p>',
    '<ul><li style="color:black">first</li><li>second</li></ul>',
    "<span style='font-family:Arial'>Arm <em>A</em></span><br>Arm B",
    "<div><div>one</div><div>two</div></div>",
    "<h2>Results</h2><p>None <del>of</del> them</p>",
    "<blockquote>quoted</blockquote>",
]
COMMANDS = [
    "bold", "bold", "italic", "italic", "strikeThrough", "underline", "superscript", "subscript", "insertUnorderedList",
    "insertOrderedList", "indent", "outdent", "insertParagraph", "insertParagraph", "insertLineBreak", "foreColor",
    "hiliteColor", "justifyCenter", "removeFormat", "insertHTML", "insertText", "insertText", "delete",
]  # fmt: skip
VALUES = {"foreColor": ["#ff0000"], "hiliteColor": ["#ffff00"], "insertHTML": PASTED, "insertText": WORDS}

# Chromium counts what is selected in characters of text; raised and lowered are digits alone, as people raise them.
_EDIT = """([command, value, from, to]) => {
  const field = document.querySelector("#field");
  field.focus();
  const walker = document.createTreeWalker(field, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  const total = nodes.reduce((sum, node) => sum + node.data.length, 0);
  const at = share => {
    let offset = Math.round(share * total);
    for (const node of nodes) {
      if (offset <= node.data.length) return [node, offset];
      offset -= node.data.length;
    }
    return [field, field.childNodes.length];
  };
  let [start, end] = [at(from), at(to)];
  if (command.endsWith("script")) {
    const node = start[0], digits = node.data && node.data.slice(start[1]).match(/[0-9]+/);
    if (!digits || node.parentElement.closest("sup, sub")) return;
    const first = start[1] + digits.index;
    [start, end] = [[node, first], [node, first + digits[0].length]];
  }
  getSelection().setBaseAndExtent(...start, ...end);
  document.execCommand(command, false, value);
}"""

# The lines of some HTML: their characters other than spaces, each with how it looks.
_SEEN = """html => {
  const page = document.createElement("div");
  page.style.cssText = "white-space: nowrap; font: 16px/40px monospace";
  page.innerHTML = html;
  document.body.append(page);
  const digits = {sup: "⁰¹²³⁴⁵⁶⁷⁸⁹", sub: "₀₁₂₃₄₅₆₇₈₉"};
  page.querySelectorAll("sup, sub").forEach(raised => {
    const walker = document.createTreeWalker(raised, NodeFilter.SHOW_TEXT);
    const name = raised.localName;
    while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/[0-9]/g, n => digits[name][n]);
    raised.style.verticalAlign = "baseline";
    raised.style.fontSize = "inherit";
  });
  page.querySelectorAll("ul, ol").forEach(list => {
    let number = list.start || 1;
    for (const item of list.children) {
      if (item.localName !== "li") continue;
      const first = document.createTreeWalker(item, NodeFilter.SHOW_TEXT, node =>
        node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP).nextNode();
      if (first && first.parentElement.closest("li") === item) {
        const label = document.createElement("span");
        label.textContent = (list.localName === "ol" ? `${number}.` : "•") + " ";
        label.className = "label";
        first.parentElement.insertBefore(label, first);
      }
      number += 1;
    }
  });
  const lines = [];
  let last = null;
  const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    const style = getComputedStyle(parent);
    const is_label = parent.className === "label";
    const look = is_label ? "" : (style.fontWeight >= 600 ? "b" : "") + (style.fontStyle === "italic" ? "i" : "")
      + (parent.closest("s, strike, del, [style*=line-through]") ? "s" : "");
    for (let index = 0; index < node.data.length; index += 1) {
      if (!node.data[index].trim()) continue;
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + 1);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      if (last === null || Math.abs(box.top - last) > 12) lines.push([]);
      last = box.top;
      lines.at(-1).push(node.data[index] + look);
    }
  }
  page.remove();
  return lines.map(line => line.join(" "));
}"""


@pytest.fixture(scope="module")
def page(chromium: "Browser") -> Iterator["Page"]:
    page = chromium.new_page(viewport={"width": 4000, "height": 3000})
    page.set_content("<!doctype html><meta charset=utf-8><div id=field contenteditable=true></div>")
    yield page
    page.close()


def steps_of(seed: int) -> Iterator[tuple[str, str | None, float, float]]:
    """What somebody types, and then does with it, always the same for a seed."""
    chance = random.Random(seed)
    yield "insertText", chance.choice(WORDS) + chance.choice(WORDS), 1, 1
    for _ in range(STEPS):
        command = chance.choice(COMMANDS)
        start, end = sorted((chance.random(), chance.random()))
        if command in {"insertHTML", "insertText", "insertParagraph", "insertLineBreak"}:
            start = end = chance.choice([1.0, end])
        yield command, chance.choice(VALUES.get(command, [None])), start, end


@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_the_card_shows_what_the_editor_showed(seed: int, page: "Page") -> None:
    page.evaluate("() => { document.querySelector('#field').innerHTML = ''; }")
    for step in steps_of(seed):
        page.evaluate(_EDIT, list(step))
    html: str = page.evaluate("() => document.querySelector('#field').innerHTML")
    made = converted(html)
    edited: Any = page.evaluate(_SEEN, html)
    shown: Any = page.evaluate(_SEEN, _FORMULA.sub(_as_raised, render(made.text)))
    assert edited
    if any("the emphasis of" in loss for loss in made.losses):
        edited, shown = ([[character[0] for character in line.split()] for line in lines] for lines in (edited, shown))
    if any("position of" in loss for loss in made.losses):
        edited, shown = (str(lines).translate(_LEVEL) for lines in (edited, shown))
    assert shown == edited, (html, made)


_FORMULA = re.compile(r"\\\(([\^_])\{(?:\\text\{(.*?)\} ?|(.*?))\}\\\)")
_LEVEL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")


def _as_raised(formula: re.Match[str]) -> str:
    name = "sup" if formula[1] == "^" else "sub"
    return f"<{name}>{(formula[2] or formula[3]).replace(chr(92), '')}</{name}>"
