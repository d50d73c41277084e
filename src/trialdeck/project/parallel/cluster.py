"""Workers on other machines: a Dask cluster. Each machine needs trialdeck, but they need no common disk."""

import asyncio
import time
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.system.extras import install_hint
from trialdeck.project.parallel.batches import Executor, work

_PATIENCE = 10
"""Seconds to wait for the scheduler, and for a first worker."""
_LOOK, _WITHOUT_WORKERS = 5.0, 60.0
"""After how many seconds one looks whether there are workers, and for how many there may be none."""


class Cluster(Executor):
    """The workers of a scheduler, which stay when this process leaves.

    If a worker dies, the scheduler gives its work to others, and gives it up only after several deaths.
    """

    start_takes = 0.0

    def __init__(self, address: str) -> None:
        """Join the cluster; raises TrialdeckError if the library is missing, or if nobody answers at the address."""
        self._address = address
        self._library = _library()
        self._client = _client(self._library, address)
        self._out: set[Any] = set()
        self.count = sum(self._client.nthreads().values())

    def submit(self, message: bytes) -> Any:
        """Give a batch to the scheduler, which finds a worker for it."""
        # Futures of the client itself: those of its executor never end if their result dies with its worker.
        try:
            future = self._client.submit(work, message, pure=False)
        except OSError as error:
            raise self._gone from error
        self._out.add(future)
        return future

    def answer(self, future: Any) -> bytes:
        """Wait for the answer to a batch; raises BrokenExecutor if the scheduler gave it up, or it was cancelled."""
        try:
            answer = self._result(future)
        except TrialdeckError:
            raise
        except (CancelledError, self._library.CancelledError, self._library.KilledWorker) as error:
            if not self._is_connected:
                raise self._gone from error
            raise BrokenExecutor from error  # or it was only waiting at a worker that another batch killed
        except OSError as error:  # an error of the work itself would be in the answer
            raise self._gone from error
        except Exception as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            hint = "install the same release of trialdeck on its scheduler and on all of its workers"
            raise TrialdeckError(f"the Dask cluster at {self._address} cannot do the work: {reason}", hint) from error
        self._out.discard(future)
        return answer

    def _result(self, future: Any) -> bytes:
        """Wait for a result as long as there is somebody to work at it: without workers it would never come."""
        last_seen = time.monotonic()
        while True:
            try:
                result: bytes = future.result(timeout=_LOOK)
            except TimeoutError:
                if self._client.nthreads():
                    last_seen = time.monotonic()
                elif time.monotonic() - last_seen > _WITHOUT_WORKERS:
                    message = f"the Dask cluster at {self._address} has had no workers for {_WITHOUT_WORKERS:g} seconds"
                    raise TrialdeckError(message, "start some, and try again") from None
            else:
                return result

    def cancel(self) -> None:
        """Cancel all batches that are out; a worker finishes what it has begun, and nobody reads the answer."""
        cancelled, self._out = self._out, set()
        if cancelled and self._is_connected:
            with suppress(OSError):  # the connection ends now
                self._client.cancel(list(cancelled))

    def shut_down_idle(self) -> None:
        """Do nothing: those who run the cluster decide how many workers it has."""

    def shut_down(self) -> None:
        """Cancel what is out and leave the cluster."""
        self.cancel()
        self._client.close()

    @property
    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    @property
    def _gone(self) -> TrialdeckError:
        return TrialdeckError(f"the Dask scheduler at {self._address} is gone", "start it, and try again")


def _library() -> Any:
    """Return the library, which is an extra and slow to import; as Any, for it has few types."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise TrialdeckError("--dask needs the library distributed", install_hint("dask")) from error


def _client(library: Any, address: str) -> Any:
    try:
        # A client that finds nobody would close itself when its memory is freed: if that is while another one starts,
        # both would wait for the same lock, for ever. So no client is made before the scheduler has answered.
        with ThreadPoolExecutor(1) as apart:  # the calling thread may run an event loop already
            apart.submit(_greeted, library, address).result()
        client = library.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise TrialdeckError(f"no Dask scheduler answers at {address}", "start one with `dask scheduler`") from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except OSError as error:
        client.close()
        raise TrialdeckError(f"the Dask cluster at {address} has no workers", "`dask worker` starts one") from error
    return client


def _greeted(library: Any, address: str) -> None:
    asyncio.run(_greet(library, address))


async def _greet(library: Any, address: str) -> None:
    """Connect to the scheduler and leave; raises OSError or ValueError where none answers."""
    own = library.Security().get_connection_args("client")
    connection = await import_module("distributed.comm").connect(address, timeout=_PATIENCE, **own)
    await connection.close()
