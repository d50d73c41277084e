"""The identity of a note: its key, and the guid by which Anki knows it.

A learner's history hangs on the guid. It is derived from the key alone, never from a text, and the derivation below is
fixed for good.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256


def key_of(*parts: str) -> str:
    """Join the parts of a key, for example `tourmaline-mm1/question/why-combine`."""
    return "/".join(parts)


_EXTRACT = "reviewed"


def extract_path(section: str) -> tuple[str, ...]:
    """Return what follows the trial in the key of an extract: of the reviewed points of a list section, by its slug."""
    return (_EXTRACT, section)


def is_key_of_extract(key: str) -> bool:
    """Tell whether a key is that of an extract."""
    return key.partition("/")[2].startswith(f"{_EXTRACT}/")


def key_of_list(key: str) -> str:
    """Return the key of the list whose reviewed points the extract with this key holds."""
    return key.replace(f"/{_EXTRACT}/", "/", 1)


def guid_of(key: str) -> str:
    """Return the guid of the note with this key: 20 characters that hold 120 bits of its SHA-256."""
    return urlsafe_b64encode(sha256(f"trialdeck:{key}".encode()).digest()[:15]).decode("ascii")
