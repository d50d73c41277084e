"""Links in Markdown: a rule for markdown-it that makes them only of what has an address."""

from typing import TYPE_CHECKING

from markdown_it.rules_inline.link import link

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline


def addressed_link(state: "StateInline", silent: bool) -> bool:
    """Do what its own rule does, but leave `[text]()` text: a browser takes no address for that of the page itself."""
    position, before = state.pos, len(state.tokens)
    if not link(state, silent):
        return False
    if silent:
        return True
    # Before it there may be text that was still to be put among the tokens.
    opened = next(place for place in range(before, len(state.tokens)) if state.tokens[place].type == "link_open")
    if state.tokens[opened].attrs["href"]:
        return True
    del state.tokens[opened:], state.tokens_meta[opened:]
    state.pos = position
    return False
