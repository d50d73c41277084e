"""Numbers with their nouns: 1 note, 1,200 notes."""


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with the word for one, or that for several: by default with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
