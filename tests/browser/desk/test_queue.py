"""The queue of what was typed, alone: each answer of a server that a test makes up, in every order."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]

_PREPARED = """async () => {
  const { Queue } = await import("/static/queue.js");
  window.made = (deliver) => { sessionStorage.clear(); return new Queue("x.yaml", deliver); };
  window.done = (data = {}, conflicts = []) => ({ data, conflicts, refused: [] });
  window.later = () => {
    let answer;
    const promise = new Promise((resolve) => { answer = resolve; });
    return [promise, answer];
  };
}"""


@pytest.fixture(scope="module")
def page(desk: "Desk", chromium: Browser) -> Iterator[Page]:
    page = desk.page(chromium)
    page.evaluate(_PREPARED)
    yield page
    page.context.close()


def test_of_two_that_wait_for_an_answer_only_one_sends(page: Page) -> None:
    sent = page.evaluate("""async () => {
      const sent = [], [first, answer] = later();
      const queue = made(async (changes) => {
        sent.push(changes.map(({ value }) => value));
        return sent.length === 1 ? first : done();
      });
      queue.put({ path: ["a"], value: "one", was: null });
      const all = [queue.flush()];
      queue.put({ path: ["a"], value: "two", was: null });
      all.push(queue.flush(), queue.flush(), queue.flush());
      answer(done({ a: "one" }));
      await Promise.all(all);
      return sent;
    }""")
    assert sent == [["one"], ["two"]]


def test_what_this_page_has_written_itself_is_no_conflict(page: Page) -> None:
    """The answer was lost, and the author went on typing."""
    told = page.evaluate("""async () => {
      let file = "zero", isLost = true;
      const queue = made(async ([change]) => {
        const isSeen = file === change.was || file === change.value;
        if (isSeen) file = change.value;
        if (isLost) throw new Error("no answer");
        return done({ a: file }, isSeen ? [] : [{ index: 0, now: file, gone: false }]);
      });
      queue.put({ path: ["a"], value: "one", was: "zero" });
      await queue.flush();
      queue.put({ path: ["a"], value: "two", was: "zero" });
      isLost = false;
      await queue.flush();
      await queue.flush();
      const own = [file, queue.held.length, queue.size];
      file = "theirs";
      queue.put({ path: ["a"], value: "three", was: "two" });
      await queue.flush();
      return [...own, file, queue.held.length];
    }""")
    assert told == ["two", 0, 0, "theirs", 1]


def test_an_answer_is_about_its_entry_wherever_that_is_by_now(page: Page) -> None:
    told = page.evaluate("""async () => {
      const [first, answer] = later();
      const queue = made(() => first);
      queue.put({ path: ["q", 0, "text"], names: ["why"], value: "why", was: null });
      queue.put({ path: ["q", 1, "text"], names: ["whom"], value: "whom", was: null });
      const sent = queue.flush();
      // Somebody has put an entry before them, and given them other ids.
      queue.relocate(({ path, names }) => ({ path: ["q", path[1] + 1, "text"], names: [`${names[0]}-else`] }));
      answer(done({}, [{ index: 1, now: "theirs", gone: false }]));
      await sent;
      return queue.entries.map(({ path, names, held }) => [path, names, held]);
    }""")
    assert told == [[["q", 2, "text"], ["whom-else"], "conflict"]]


def test_what_was_typed_into_an_entry_that_is_gone_is_not_taken_for_the_next_one(page: Page) -> None:
    told = page.evaluate("""() => {
      const queue = made(() => new Promise(() => {}));
      const place = { path: ["q", 0, "text"], names: ["whom"] };
      queue.put({ path: ["q", 0, "text"], names: ["why"], value: "for why", was: null });
      queue.relocate(() => null);
      const before = queue.get(place) ?? null;
      queue.put({ ...place, value: "for whom", was: null });
      const all = queue.entries.map(({ names, value, gone }) => [names[0], value, Boolean(gone)]);
      queue.relocate(({ path, names }) => ({ path, names }));
      return [before, all, queue.held.length];
    }""")
    assert told == [None, [["why", "for why", True], ["whom", "for whom", False]], 0]


def test_a_full_storage_keeps_nothing_from_being_saved(page: Page) -> None:
    sent = page.evaluate("""async () => {
      const sent = [], { setItem } = Storage.prototype;
      const queue = made(async ([change]) => { sent.push(change.value); return done(); });
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
      try {
        queue.put({ path: ["a"], value: "one", was: null });
        await queue.flush();
      } finally {
        Storage.prototype.setItem = setItem;
      }
      return [...sent, queue.size];
    }""")
    assert sent == ["one", 0]


_ANY_ORDER = """async (seed) => {
  const random = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
  const file = {}, typed = {}, errors = [], open = [];
  const queue = made((changes) => new Promise((resolve, reject) => open.push(() => {
    const isDelivered = random() < 0.8, isAnswered = random() < 0.8;
    const conflicts = [];
    if (isDelivered) changes.forEach(({ path: [name], value, was }, index) => {
      const now = file[name] ?? null;
      if (now !== (was ?? null) && now !== value) conflicts.push({ index, now, gone: false });
      else file[name] = value;
    });
    if (isDelivered && isAnswered) resolve(done({ ...file }, conflicts));
    else reject(new Error("no answer"));
  })));
  const waiting = [];
  for (let step = 0; step < 60; step += 1) {
    const name = "abc"[Math.floor(random() * 3)];
    const choice = random();
    if (choice < 0.5) {
      typed[name] = (typed[name] ?? "") + step + " ";
      queue.put({ path: [name], value: typed[name].trim(), was: file[name] ?? null });
    } else if (choice < 0.7) waiting.push(queue.flush());
    else if (choice < 0.8) waiting.push(queue.alone(async () => {}));
    else open.shift()?.();
    await null;
    if (open.length > 1) errors.push("two requests at once");
  }
  for (let turn = 0; turn < 200 && (queue.size || open.length); turn += 1) {
    waiting.push(queue.flush());
    await new Promise((next) => setTimeout(next));
    while (open.length) { open.shift()(); await null; }
  }
  for (const name in typed) if (file[name] !== typed[name].trim()) errors.push([name, file[name], typed[name]]);
  return [errors, queue.held.length, queue.size];
}"""


@pytest.mark.parametrize("seed", range(8))
def test_answers_late_lost_or_never_given_lose_nothing(page: Page, seed: int) -> None:
    told: list[Any] = page.evaluate(_ANY_ORDER, seed * 7919 + 1)
    assert told == [[], 0, 0], json.dumps(told)
