"""The two addresses of a card: where it stands on the project's site, and where to report an error in it.

Both are fields of the note, as plain addresses: the template makes links of them, and adds the note's tags to a report,
because only they say from which edition a learner has the note.
"""

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

import msgspec

from trialdeck.core.problem import shortened
from trialdeck.markdown.plain_text import readable
from trialdeck.notes.note import ACROSS, trial_of

TRIALS = "trials"
"""The folder of the pages of trials on the site, and of the pictures and sounds of their cards."""
TOPICS = "topics"
"""The folder of the site with the pages of topics."""
_LONGEST = 300


class Addresses(msgspec.Struct, frozen=True, array_like=True):
    """The addresses of a project, each may be empty: its site, and where errors are reported, a page or a mailbox."""

    homepage: str = ""
    report: str = ""


def link_fields(
    addresses: Addresses, key: str, said: Sequence[str], card: int = 0, page_of: str = ""
) -> Mapping[str, str]:
    """Return the fields `Link` and `Report` of a note.

    Args:
        addresses: The addresses of the project.
        key: The key of the note.
        said: What the note asks and answers, as HTML without deletions.
        card: The ordinal of its first card.
        page_of: The id of the trial on whose page it stands, if that is not the trial in its key.

    Returns:
        The fields, as HTML; each is empty without its address.

    """
    link = permalink(addresses.homepage, key, card, page_of)
    words = [shortened(readable(html), _LONGEST) for html in said if html] if addresses.report else []
    return {"Link": _field(link), "Report": _field(_report(addresses.report, key, [*words, link]))}


def permalink(homepage: str, key: str, card: int = 0, page_of: str = "") -> str:
    """Return the address of a card on the site of a project; empty if the project names no site.

    Args:
        homepage: The address of the site.
        key: The key of the note.
        card: The ordinal of the card.
        page_of: The id of the trial on whose page it stands, if that is not the trial in its key.

    Returns:
        The address.

    """
    if not homepage:
        return ""
    trial = page_of or trial_of(key)
    return f"{site_folder(homepage)}{quote(page_file(trial), safe='/')}#{quote(anchor_of(trial, key, card), safe='')}"


def site_folder(homepage: str) -> str:
    """Return the address of the folder of a site, with a slash at its end; the site's address may name a page.

    It is empty if there is no address.
    """
    if not homepage:
        return ""
    scheme, _, rest = _divided(homepage)[0].partition("://")
    folder, _, page = rest.rpartition("/")
    path = folder if folder and page.endswith((".html", ".htm")) else rest
    return f"{scheme}://{path.rstrip('/')}/"


def _divided(address: str) -> tuple[str, str, str]:
    """Return an address up to its query, the query, and the fragment.

    It is not divided by `urlsplit`, which refuses some of what the schema takes for an address, such as `http://[`.
    """
    whole, _, fragment = address.partition("#")
    path, _, query = whole.partition("?")
    return path, query, fragment


def page_file(trial: str) -> str:
    """Return the file of a page of the site: that of a trial, or of the topic whose forests stand in its place."""
    is_topic = trial.startswith(ACROSS)
    return f"{TOPICS}/{trial.removeprefix(ACROSS)}.html" if is_topic else f"{TRIALS}/{trial}.html"


def anchor_of(trial: str, key: str, ordinal: int) -> str:
    """Return the anchor of a card on the page of a trial, for example `card.question.why-combine.1`."""
    return f"card.{key.removeprefix(f'{trial}/').replace('/', '.')}.{ordinal + 1}"


def _report(address: str, key: str, card: Sequence[str]) -> str:
    """Return the address of a report about a card, which ends where the template adds the tags of the note.

    A mail has the key as its subject and the card in its body, an issue of GitHub (`…/issues/new`) as its title and
    body; another page is named as it is, with the key behind it.
    """
    if not address:
        return ""
    body = quote("\n".join(["What is wrong? What is your source?", "", "", "--", key, *filter(None, card), "Tags: "]))
    if "://" not in address:
        return f"mailto:{address}?subject={quote(key)}&body={body}"
    path, query, fragment = _divided(address)
    if path.endswith("/issues/new"):
        separator = "&" if query else "?"
        return f"{address}{separator}title={quote(key, safe='')}&body={body}"
    return f"{address}{'' if fragment else '#'}{quote(key, safe='')}%20"


def _field(address: str) -> str:
    return escape(address).replace("{", "%7B").replace("}", "%7D")
