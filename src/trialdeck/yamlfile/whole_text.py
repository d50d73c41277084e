"""A file as one text, as an author edits it: line feeds alone, no byte order mark; the file keeps what it has."""

_MARK = "\ufeff"


def text_of(content: bytes) -> str:
    """Return the bytes of a file as text; its lines end with a line feed, whatever the file has."""
    return with_line_feeds(content.decode("utf-8", "replace").removeprefix(_MARK))


def with_line_feeds(text: str) -> str:
    r"""Return a text whose lines all end with a line feed; a browser sends CR LF or a line feed for any end of a line.

    >>> with_line_feeds("one\r\ntwo\rthree\n")
    'one\ntwo\nthree\n'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def bytes_of(text: str, former: bytes) -> bytes:
    """Return the bytes of a text, with the line breaks and the byte order mark that the file has had."""
    mark = _MARK if former.startswith(_MARK.encode()) else ""
    return (mark + (text.replace("\n", "\r\n") if b"\r\n" in former else text)).encode()
