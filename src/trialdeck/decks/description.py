"""The description that Anki shows below a deck: what it is, its edition, and how to update it."""

from trialdeck.markdown.render import render, render_inline, render_link, render_plain
from trialdeck.notes.footer import address_html
from trialdeck.notes.tags import RETIRED, edition_tag
from trialdeck.records.settings import DeckDefinition, ProjectSettings


def describe(definition: DeckDefinition, settings: ProjectSettings, edition: str) -> str:
    """Return the description of a definition's decks as HTML: only from 24.11 on could Anki show Markdown."""
    facts = [f"Edition {render_plain(edition)}"]
    facts += [f"by {render_plain(', '.join(settings.authors))}"] if settings.authors else []
    facts += [render_inline(settings.license)] if settings.license else []
    facts += [render_link(settings.homepage, settings.homepage)] if settings.homepage else []
    update = (
        "<b>To update</b>, import the newer file as it is: your scheduling and your notes stay. "
        f"What is new: search <code>tag:{render_plain(edition_tag(edition))}</code>. What the authors have taken out "
        f"is marked as retired: Tools → Empty Cards removes it, and <code>tag:{RETIRED}</code> finds it."
    )
    paragraphs = [" · ".join(facts), update]
    paragraphs += [f"<b>Report errors</b> to {address_html(settings.report)}."] if settings.report else []
    return render(definition.description) + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
