"""The words that cards say beside the author's own, in the language of the record.

Code has them in English. Another language is a file of this folder that is named after its tag, such as `de.yaml`: the
English words, and what stands in their place, with the same parts in braces. A tag without a file, and words that its
file lacks, give English.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_LANGUAGE: ContextVar[str] = ContextVar("language", default="")
_FILES = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def languages() -> tuple[str, ...]:
    """Return the tags of the languages other than English, sorted."""
    return tuple(sorted(file.stem for file in _FILES.glob("*.yaml")))


@cache
def language_of(tag: str) -> str:
    """Return the language whose words a record with this BCP 47 tag gets; empty for English.

    `de-AT` gets those of `de`.
    """
    primary = tag.partition("-")[0].lower()
    return primary if primary in languages() else ""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the words of a language by the English ones."""
    text = (_FILES / f"{language}.yaml").read_text(encoding="utf-8")
    words: dict[str, str] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe one
    return words


@contextmanager
def words_in(tag: str) -> Iterator[str]:
    """Let `translate` answer in the language of a record with this tag; yields that language, empty for English."""
    language = language_of(tag)
    token = _LANGUAGE.set(language)
    try:
        yield language
    finally:
        _LANGUAGE.reset(token)


def present_language() -> str:
    """Return the language in which `translate` answers; empty for English."""
    return _LANGUAGE.get()


def translate(english: str, **parts: object) -> str:
    """Return words in the present language.

    Args:
        english: The words in English, with names in braces for `parts`.
        parts: What stands in the place of these names.

    Returns:
        The words; the English ones where the language lacks them.
    """
    language = _LANGUAGE.get()
    words = catalogue(language).get(english, english) if language else english
    return words.format(**parts) if parts else words
