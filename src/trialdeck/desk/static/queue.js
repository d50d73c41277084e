/* What was typed and is not saved yet, by the path of its value. An entry leaves only when the server has confirmed that
   very value; until then it is in the storage of the session too, which survives a crash of the page. */
import { at, keyOf, same } from "./form_values.js";

const PAUSE = 120;
const AGAIN = 1000;

/** @typedef {import("./form_values.js").Change & {held?: string, now?: unknown, gone?: boolean, hint?: string}} Waiting */
/** @typedef {{conflicts: {index: number, now: unknown, gone: boolean}[], refused: {index: number, message: string, hint: string}[], data: any}} Outcome */

export class Queue extends EventTarget {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  #timer = 0;
  /** @type {Promise<void> | null} */
  #flight = null;
  /** As long as entries are moved or get other ids, nothing is sent: it would not find them. @type {Promise<unknown> | null} */
  #gate = null;
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
    for (const change of JSON.parse(sessionStorage.getItem(this.#storage) ?? "[]")) this.#waiting.set(keyOf(change.path), change);
  }

  /** How many values wait. */
  get size() { return this.#waiting.size; }

  /** The values that wait, those of a conflict too. */
  get entries() { return [...this.#waiting.values()]; }

  /** The values that wait for a choice of the author. */
  get held() { return this.entries.filter((entry) => entry.held); }

  /** Whether a request is under way. */
  get isSending() { return this.#flight !== null; }

  /** @param {import("./form_values.js").Path} path */
  get(path) { return this.#waiting.get(keyOf(path)); }

  /**
   * Keep what was typed, and save it after a pause.
   * @param {import("./form_values.js").Change} change with the value that the server has as `was`
   * @param {number} [pause]
   */
  put(change, pause = PAUSE) {
    const entry = this.#waiting.get(keyOf(change.path)) ?? { ...change };
    entry.value = change.value;
    if (entry.held === "refused") delete entry.held;
    this.#waiting.set(keyOf(change.path), entry);
    this.#keep();
    this.soon(pause);
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
    this.#waiting.delete(keyOf(entry.path));
    this.#keep();
  }

  /** Give an entry the path that its value has by now. @param {Waiting} entry @param {{path: import("./form_values.js").Path, names: string[]}} place */
  move(entry, place) {
    if (keyOf(entry.path) === keyOf(place.path) && String(entry.names) === String(place.names)) return;
    this.#waiting.delete(keyOf(entry.path));
    Object.assign(entry, place);
    this.#waiting.set(keyOf(place.path), entry);
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
    await this.#idle();
    const sent = this.entries.filter((entry) => !entry.held).map((entry) => structuredClone(entry));
    if (!sent.length) return;
    this.#flight = this.#send(sent);
    this.#tell();
    await this.#flight;
  }

  /**
   * Do what alters the entries: all that waits is sent before, and nothing at the same time.
   * @template Done @param {() => Promise<Done>} work @returns {Promise<Done>}
   */
  async alone(work) {
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

  /** Resolve once no request is under way. */
  async #idle() {
    while (this.#flight || this.#gate) await (this.#flight ?? this.#gate);
  }

  /** @param {Waiting[]} sent */
  async #send(sent) {
    let outcome = null;
    try {
      outcome = await this.#deliver(sent);
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

  /** @param {Waiting[]} sent @param {Outcome} outcome */
  #confirm(sent, outcome) {
    sent.forEach((change, index) => {
      const entry = this.get(change.path);
      if (!entry) return;
      const conflict = outcome.conflicts.find((each) => each.index === index);
      const refused = outcome.refused.find((each) => each.index === index);
      // Its entry has got another id, and is known by that now.
      if (conflict?.gone && String(entry.names) !== String(change.names)) return;
      if (conflict) Object.assign(entry, { held: "conflict", now: conflict.now, gone: conflict.gone });
      else if (refused) Object.assign(entry, { held: "refused", hint: `${refused.message}: ${refused.hint}` });
      else if (same(entry.value, change.value)) this.#waiting.delete(keyOf(change.path));
      else entry.was = at(outcome.data, change.path);
    });
    if (this.held.length) this.dispatchEvent(new Event("held"));
  }

  #keep() {
    if (this.size) sessionStorage.setItem(this.#storage, JSON.stringify(this.entries));
    else sessionStorage.removeItem(this.#storage);
    this.#tell();
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}
