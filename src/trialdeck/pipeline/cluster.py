"""Workers anywhere: a Dask cluster, which needs trialdeck on every machine but no disk that all share."""

import asyncio
import pickle
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from queue import SimpleQueue
from typing import Any

from trialdeck.errors import TrialdeckError
from trialdeck.pipeline.parcels import Parcel, work

_PATIENCE = 10
"""Seconds to wait for the scheduler, and for a first worker."""


class Cluster:
    """The workers that a scheduler has; when we leave, they stay."""

    start_takes = 0.0

    def __init__(self, address: str) -> None:
        """Join the cluster; raises TrialdeckError without the library, or where nobody answers at the address."""
        self._address = address
        self._library = _library()
        self._client = _client(self._library, address)
        self._out: dict[Any, Parcel] = {}
        self._done: SimpleQueue[Any] = SimpleQueue()
        self.count = sum(self._client.nthreads().values())

    def send(self, parcel: Parcel) -> None:
        """Give a parcel to the scheduler, which finds a worker for it."""
        # Futures of the client itself: those of its executor never end if their result dies with its worker.
        try:
            future = self._client.submit(work, parcel.message, pure=False)
        except OSError as error:
            raise self._gone from error
        self._out[future] = parcel
        future.add_done_callback(self._done.put)

    def wait(self) -> None:
        """Wait until parcels are answered, or the scheduler has given one up after several workers died on it."""
        done = [self._done.get()]
        while not self._done.empty():
            done.append(self._done.get())
        for future in done:
            if future in self._out:  # else it was cancelled
                self._settle(future, self._out.pop(future))

    def drop(self) -> None:
        """Cancel all parcels that are out; what a worker has begun it finishes, for nobody."""
        dropped, self._out = self._out, {}
        for parcel in dropped.values():
            parcel.lost = True
        if dropped and self._is_connected:
            with suppress(OSError):  # the connection ends now
                self._client.cancel(list(dropped))

    def rest(self) -> None:
        """Do nothing: whoever runs the cluster decides who is there."""

    def end(self) -> None:
        """Cancel what is out and leave the cluster."""
        self.drop()
        self._client.close()

    @property
    def _is_connected(self) -> bool:
        return bool(self._client.status == "running")

    @property
    def _gone(self) -> TrialdeckError:
        return TrialdeckError(f"the Dask scheduler at {self._address} is gone", "start it, and try again")

    def _settle(self, future: Any, parcel: Parcel) -> None:
        try:
            parcel.answer = pickle.loads(future.result())  # noqa: S301 - from workers that the user named
        except (CancelledError, self._library.CancelledError, self._library.KilledWorker) as error:
            if not self._is_connected:
                raise self._gone from error
            parcel.deaths += 1  # or it was only waiting at a worker that another parcel killed
            parcel.lost = True
        except OSError as error:  # none of the work's own: that is in the answer
            raise self._gone from error
        except Exception as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            hint = "install the same release of trialdeck on its scheduler and on all of its workers"
            raise TrialdeckError(f"the Dask cluster at {self._address} cannot do the work: {reason}", hint) from error


def _library() -> Any:
    """Return the library, which is an extra and slow to import; as Any, for it has few types."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise TrialdeckError("--dask needs the library distributed", "pip install 'trialdeck[dask]'") from error


def _client(library: Any, address: str) -> Any:
    try:
        # A client that finds nobody would close itself when its memory is freed: if that is while another one starts,
        # both would wait for the same lock, for ever. So nobody becomes a client before somebody has answered.
        with ThreadPoolExecutor(1) as apart:  # whoever calls may have an event loop of its own
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
