/* What was typed and is not saved yet, by the place of its value. An entry leaves only when the server has confirmed that
   very value; until then it is in the storage of the session too, which survives a crash of the page. */
import { at, markOf, relocated, same } from "./form_values.js";
import { store } from "./stored.js";

const PAUSE = 120;
const AGAIN = 1000;

/** @typedef {import("./form_values.js").Change & {held?: string, now?: unknown, gone?: boolean, hint?: string, tried?: unknown[]}} Waiting `tried` are values that were sent and not confirmed yet */
/** @typedef {{conflicts: {index: number, now: unknown, gone: boolean}[], refused: {index: number, message: string, hint: string}[], data: any}} Outcome */

export class Queue extends EventTarget {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  #timer = 0;
  /** @type {Promise<void> | null} */
  #flight = null;
  /** As long as entries are moved or get other ids, nothing is sent: it would not find them. @type {Promise<unknown> | null} */
  #gate = null;
  /** What alters the entries goes one after the other, in the order in which it was asked for. @type {Promise<unknown>} */
  #line = Promise.resolve();
  #storage;
  #deliver;

  /**
   * @param {string} file
   * @param {(changes: Waiting[]) => Promise<Outcome>} deliver sends changes, and throws if the server has not answered
   */
  constructor(file, deliver) {
    super();
    this.#storage = `desk-typed:${file}`;
    this.#deliver = deliver;
    /** Why nothing is saved at the moment; empty if all is well. */
    this.trouble = "";
    for (const change of JSON.parse(sessionStorage.getItem(this.#storage) ?? "[]")) this.#waiting.set(markOf(change.path, change.names), change);
  }

  /** How many values wait. */
  get size() { return this.#waiting.size; }

  /** The values that wait, those of a conflict too. */
  get entries() { return [...this.#waiting.values()]; }

  /** The values that wait for a choice of the author. */
  get held() { return this.entries.filter((entry) => entry.held); }

  /** Resolves when the entries are no longer being altered. */
  get gate() { return this.#gate; }

  /** Whether a request is under way. */
  get isSending() { return this.#flight !== null; }

  /** @param {{path: import("./form_values.js").Path, names?: string[]}} place */
  get({ path, names }) { return this.#waiting.get(markOf(path, names)); }

  /**
   * Keep what was typed, and save it after a pause.
   * @param {import("./form_values.js").Change} change with the value that the server has as `was`
   * @param {number} [pause]
   * @returns {Waiting}
   */
  put(change, pause = PAUSE) {
    const entry = this.get(change) ?? { ...change };
    entry.value = change.value;
    if (entry.held === "refused") delete entry.held;
    this.#waiting.set(markOf(entry.path, entry.names), entry);
    this.soon(pause);
    this.#keep();
    return entry;
  }

  /** The author has chosen: keep the typed value, over what is there now. @param {Waiting} entry */
  keep(entry) {
    entry.was = entry.now ?? null;
    delete entry.held;
    this.#keep();
    return this.flush();
  }

  /** The author has chosen: forget the typed value. @param {Waiting} entry */
  forget(entry) {
    this.#waiting.delete(markOf(entry.path, entry.names));
    this.#keep();
  }

  /**
   * Give all that waits the place that its value has by now; what has none any more waits for the author.
   * @param {(entry: Waiting) => {path: import("./form_values.js").Path, names: string[]} | null} placeOf
   */
  relocate(placeOf) {
    const { entries } = this;
    if (!entries.length) return;
    this.#waiting.clear();
    for (const entry of entries) {
      const place = placeOf(entry);
      if (!place) Object.assign(entry, { held: "conflict", now: null, gone: true });
      else if (entry.gone) {
        Object.assign(entry, place, { held: undefined, gone: false });
        this.soon(PAUSE);
      } else Object.assign(entry, place);
      const earlier = this.get(entry);
      if (earlier) Object.assign(earlier, { value: entry.value, tried: [...(earlier.tried ?? []), earlier.value, ...(entry.tried ?? [])] });
      else this.#waiting.set(markOf(entry.path, entry.names), entry);
    }
    this.#keep();
  }

  /** @param {number} pause */
  soon(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pause);
  }

  /** Send all that waits; resolves when the server has answered, or does not answer. @returns {Promise<void>} */
  async flush() {
    clearTimeout(this.#timer);
    // Looked at anew after each wait: of all that wait here, one goes on, and the others wait for that one.
    while (this.#flight || this.#gate) await (this.#flight ?? this.#gate);
    const sent = this.entries.filter((entry) => !entry.held);
    if (!sent.length) return;
    this.#flight = this.#send(sent);
    this.#keep();
    await this.#flight;
  }

  /**
   * Do what alters the entries: all that waits is sent before, and nothing at the same time. What it is about is best
   * looked up in `work`: what was asked for before is done by then.
   * @template Done @param {() => Promise<Done>} work @returns {Promise<Done>}
   */
  alone(work) {
    const turn = this.#line.then(() => this.#alone(work));
    this.#line = turn.catch(() => {});
    return turn;
  }

  /** @template Done @param {() => Promise<Done>} work @returns {Promise<Done>} */
  async #alone(work) {
    // What was typed while the last request was under way may have started another one.
    do await this.flush(); while (this.#flight || this.#gate);
    const done = work();
    this.#gate = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#gate = null;
      if (this.size) this.soon(0);
    }
  }

  /** @param {Waiting[]} entries */
  async #send(entries) {
    const sent = entries.map((entry) => ({ entry, change: structuredClone(entry) }));
    for (const { entry, change } of sent) entry.tried = [...(entry.tried ?? []).filter((value) => !same(value, change.value)), change.value];
    let outcome = null;
    try {
      outcome = await this.#deliver(sent.map(({ change }) => change));
      this.trouble = "";
    } catch (error) {
      this.trouble = error.message;
    }
    this.#flight = null;
    if (outcome) this.#confirm(sent, outcome);
    this.#keep();
    // What was typed while the request was under way, and what the server has not taken.
    if (this.entries.some((entry) => !entry.held)) this.soon(outcome ? PAUSE : AGAIN);
  }

  /** @param {{entry: Waiting, change: Waiting}[]} sent @param {Outcome} outcome */
  #confirm(sent, outcome) {
    sent.forEach(({ entry, change }, index) => {
      // The author has chosen meanwhile what becomes of it.
      if (this.get(entry) !== entry) return;
      const conflict = outcome.conflicts.find((each) => each.index === index);
      const refused = outcome.refused.find((each) => each.index === index);
      // Its entry has got another id, and is known by that now.
      if (conflict?.gone && String(entry.names) !== String(change.names)) return;
      // What is there is of this page: the answer to an earlier request was lost.
      if (conflict && !conflict.gone && entry.tried?.some((value) => same(value, conflict.now))) entry.was = conflict.now;
      else if (conflict) Object.assign(entry, { held: "conflict", now: conflict.now, gone: conflict.gone });
      else if (refused) Object.assign(entry, { held: "refused", hint: `${refused.message}: ${refused.hint}` });
      else if (same(entry.value, change.value)) this.#waiting.delete(markOf(entry.path, entry.names));
      else Object.assign(entry, { was: writtenAs(change, outcome.data), tried: [] });
    });
    if (this.held.length) this.dispatchEvent(new Event("held"));
  }

  #keep() {
    store(this.#storage, this.size ? this.entries : null);
    this.dispatchEvent(new Event("change"));
  }
}

/** Return a value that was saved as the record says it; where that says something else by now, what was sent. */
function writtenAs({ path, names = [], value }, data) {
  const now = at(data, relocated(data, path, names) ?? path);
  return same(now, value) ? now : value;
}
