"""A folder on a web server of this machine, as any static host serves it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        pass


class _Slow(_Quiet):
    """Sends packages in small pieces, so that there is time to stop a download."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        if not self.path.endswith(".apkg"):
            super().copyfile(source, outputfile)
            return
        with suppress(ConnectionError):
            while piece := source.read(100):
                outputfile.write(piece)
                outputfile.flush()
                time.sleep(0.02)


@contextmanager
def served(folder: Path, *, is_slow: bool = False) -> Iterator[str]:
    """Serve a folder, and yield its address; it may be a link that leads elsewhere later."""
    handler = partial(_Slow if is_slow else _Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
