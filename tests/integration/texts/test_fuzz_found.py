"""What a fuzzer has found stays mended, and each target of it runs; without the fuzzer itself."""

import random
from collections.abc import Iterator

import pytest

from fuzz.target import SlowError, Target, timed
from fuzz.targets import TARGETS, beginnings, dictionary
from matrices import IS_FULL

TRIED = 200 if IS_FULL else 50
PATIENCE = 10
"""What a busy machine, and a measure of coverage, may make of the time allowed."""


def altered(target: Target, count: int) -> Iterator[bytes]:
    """Inputs made from the first ones as a fuzzer makes them: bytes changed, parts left out and doubled."""
    chance = random.Random(target.name)
    first = [content for _, content in beginnings(target)]
    words = [word.encode() for word in target.words] or [b"\x00"]
    for _ in range(count):
        content = bytearray(chance.choice(first))
        for _ in range(chance.randint(1, 4)):
            place = chance.randint(0, len(content))
            end = min(place + chance.randint(0, 8), len(content))
            put = (chance.choice(words), chance.randbytes(2), b"", bytes(content[place:end]) * 2)
            content[place:end] = chance.choice(put)
        yield bytes(content[: target.longest])


@pytest.mark.uncounted
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_everything_that_is_kept_passes(target: Target) -> None:
    kept = list(beginnings(target))
    assert kept
    for name, content in kept:
        try:
            timed(target, content, patience=PATIENCE)
        except Exception as error:
            raise AssertionError(f"{target.name}: {name}") from error


@pytest.mark.uncounted
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_inputs_made_from_these_pass(target: Target) -> None:
    tried = 0
    for content in altered(target, TRIED):
        timed(target, content, patience=PATIENCE)
        tried += 1
    assert tried == TRIED


def test_what_is_slow_is_told() -> None:
    def idle(content: bytes) -> None:
        sum(range(3_000_000))

    with pytest.raises(SlowError, match=r"^3 bytes took"):
        timed(Target("idle", idle, lambda: [b"abc"]), b"abc", patience=0.01)


def test_words_are_written_byte_by_byte() -> None:
    target = Target("x", len, list, words=('"', "\n→"))  # type: ignore[arg-type]
    assert dictionary(target) == '"\\x22"\n"\\x0a\\xe2\\x86\\x92"\n'
