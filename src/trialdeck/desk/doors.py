"""The port and the token of a folder, kept from one session to the next.

A page that is open while the desk is ended and started again finds it at the same address: what was typed into it
meanwhile is saved then. The file is private to the user, and lies beside the cache.
"""

import json
import os
import socket
import stat
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import trialdeck as td
from trialdeck.desk.guard import HOST, Door, is_token, new_token

_PRIVATE = 0o600


def open_door(folder: Path, cache: Path, port: int = 0) -> tuple[Door, socket.socket]:
    """Return the door of a folder, and the socket that listens there: from now on, nobody else gets the port.

    Args:
        folder: The folder of the desk.
        cache: The folder below which port and token are kept.
        port: The port; if it is 0, the one of the last session, or a free one.

    Raises:
        TrialdeckError: The port is not free.
    """
    file = cache / "desks" / f"{sha256(os.fsencode(folder)).hexdigest()[:20]}.json"
    kept = _kept(file)
    if kept and port in {0, kept.port}:
        with suppress(OSError):
            return kept, _listening(kept.port)
    try:
        listening = _listening(port)
    except OSError as error:
        message = f"cannot serve at port {port}: {error.strerror or error}"
        raise td.TrialdeckError(message, "name another with --port, or leave it out for a free one") from error
    door = Door(listening.getsockname()[1])
    _keep(file, door)
    return door, listening


def _listening(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # On Windows, SO_REUSEADDR would let another program take the port over; elsewhere, it is needed after an end.
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _kept(file: Path) -> Door | None:
    """Return the door of the last session; None if there was none, or if others could have read or written it."""
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if os.name == "posix" and (status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) != _PRIVATE):
                return None
            data = json.loads(opened.read(1000))
        port, token = data["port"], data["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_sound = isinstance(port, int) and 0 < port < 65536 and isinstance(token, str) and is_token(token)
    return Door(port, token) if is_sound else None


def _keep(file: Path, door: Door) -> None:
    """Keep a door for the next session; where that is not possible, the next one has a new door."""
    temporary = file.with_name(f".{file.name}.{new_token()}.tmp")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump({"port": door.port, "token": door.token}, opened)
        temporary.replace(file)
