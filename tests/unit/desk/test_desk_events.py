"""The stream of events, by itself."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from trialdeck.desk.events import Events


async def lines(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(stream) for _ in range(count)]


def in_a_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run something in a loop of its own: in this thread, Playwright may have one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


def test_every_stream_hears_everything() -> None:
    async def run() -> None:
        events = Events()
        one, other = events.stream(), events.stream()
        await lines(one, 1)
        await lines(other, 1)
        await asyncio.to_thread(events.tell, {"record": "x.yaml"})
        assert await lines(one, 1) == await lines(other, 1) == [b'data: {"record": "x.yaml"}\n\n']

    in_a_loop(run())


def test_a_stream_ends_with_the_desk_and_none_begins_after() -> None:
    async def run() -> None:
        events = Events()
        stream = events.stream()
        await lines(stream, 1)
        events.close()
        assert [line async for line in stream] == []
        assert len([line async for line in events.stream()]) == 1

    in_a_loop(run())


def test_a_page_that_does_not_read_is_let_go() -> None:
    async def run() -> None:
        events = Events()
        stream = events.stream()
        await lines(stream, 1)
        for number in range(1500):
            events.tell({"file": str(number)})
        await asyncio.sleep(0)
        told = [line async for line in stream]
        assert len(told) < 1000

    in_a_loop(run())


def test_what_is_told_to_nobody_is_no_error() -> None:
    Events().tell({"record": "x.yaml"})
