/* The form of a trial: what is typed goes into the queue, what the server answers comes back into the fields. */
import { toast } from "./desk.js";
import { Compared } from "./form_compared.js";
import { chooseIn, notice } from "./form_conflicts.js";
import { Entries } from "./form_entries.js";
import { showFaults } from "./form_faults.js";
import { History } from "./form_history.js";
import { prepareRemoval } from "./form_removal.js";
import { ask, isUnanswered } from "./form_server.js";
import { TextView } from "./form_text.js";
import { prepareTabs, showTab } from "./form_tabs.js";
import { Tools } from "./form_tools.js";
import { fill, lastSeen, relocate, released, rename, replace, sendLast } from "./form_sync.js";
import { Unreadable } from "./form_unreadable.js";
import { at, fieldOf, fieldsIn, keyOf, markOf, namesOf, pathOf, same, shapeOf, tracked, valueOf } from "./form_values.js";
import { Queue } from "./queue.js";

/** After an emptied text the author goes on typing: to remove the property at once would cost its place and style. */
const EMPTIED = 1500;
const WORDS = 700;

class Form {
  constructor() {
    this.file = document.getElementById("card").dataset.file;
    this.address = `/trial/${this.file.split("/").map(encodeURIComponent).join("/")}`;
    this.room = document.getElementById("view-form");
    this.state = JSON.parse(document.getElementById("state").textContent);
    this.queue = new Queue(this.file, (changes) => this.deliver(changes));
    this.entries = new Entries(this);
    this.history = new History(this);
    this.textView = new TextView(this);
    this.tools = new Tools(this);
    this.compared = new Compared(this);
    this.unreadable = new Unreadable(this);
    /** The number of the last reading that this page has heard of. */
    this.reading = this.state.reading;
    /** The record before the last change that could be read. */
    this.before = lastSeen(this) ?? this.state.data;
    /** The record that the fields were made for: their paths are right in it. */
    this.drawn = this.state.data;
    /** @type {Promise<void> | null} */
    this.drawing = null;
    this.isStale = false;
    this.queue.addEventListener("change", () => this.tellState());
    this.queue.addEventListener("held", () => this.queue.held.forEach((entry) => chooseIn(this, entry)));
    this.room.addEventListener("input", (event) => this.typed(event.target));
    this.room.addEventListener("change", (event) => this.typed(event.target, 0));
    this.room.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.dataset?.kind === "line") event.preventDefault();
    });
    document.addEventListener("focusin", (event) => this.focused(event.target));
    document.addEventListener("focusout", () => this.history.close());
    document.addEventListener("desk", (event) => this.heard(event.detail));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.queue.flush();
      else if (this.isStale) this.refresh();
    });
    addEventListener("beforeunload", (event) => { if (this.queue.size || this.textView.isTyped) event.preventDefault(); });
    addEventListener("pagehide", () => sendLast(this));
    prepareRemoval(this);
    prepareTabs((name) => this.view(name));
    this.room.addEventListener("click", (event) => { if (event.target.dataset?.show) this.view(event.target.dataset.show); });
    for (const part of document.querySelectorAll(".trial-bar, .trial-views")) part.inert = false;
    relocate(this);
    this.apply(this.state);
    // What the last session of this page has not saved stands in the fields again, and is saved.
    if (this.queue.size) this.queue.soon(0);
    this.view(this.state.data === null ? "text" : location.hash === "#text" ? "text" : "form");
    this.tellState();
  }

  /** What is wrong with the record: by itself, and beside the others. */
  get problems() {
    return [...this.state.problems, ...this.compared.problems];
  }

  /** Show one of the views: the form, the text, or on a narrow screen the card. @param {string} name */
  view(name) {
    this.shown = name;
    showTab(name);
    this.takeTurns();
    if (name === "text") this.textView.open();
    else if (this.textView.isTyped && !this.textView.isHeld) this.textView.save();
  }

  /** Something was typed into a field, or chosen. @param {Element} target @param {number} [pause] */
  typed(target, pause) {
    const field = fieldOf(target);
    if (!field) return;
    const place = this.placeOf(field);
    const change = { ...(place ?? { path: pathOf(field), names: namesOf(field) }), value: valueOf(field) };
    const was = at(place ? this.state.data : this.drawn, change.path);
    if (same(change.value, was) && !this.queue.get(change)) return;
    const isEmptied = change.value === "" && field.matches("textarea");
    const isWords = field.dataset.kind === "words";
    const waiting = this.queue.put({ ...change, was }, pause ?? (isEmptied ? EMPTIED : isWords ? WORDS : undefined));
    if (waiting.held) chooseIn(this, waiting);
    document.dispatchEvent(new CustomEvent("desk:typed", { detail: { ...change, was } }));
  }

  /** Return where a field, an entry or a list of the form stands by now; null if it is gone. @param {HTMLElement} element */
  placeOf(element) {
    return tracked(this.drawn, this.state.data, pathOf(element), namesOf(element));
  }

  /** Whether the record has other entries than the form shows, or in another order. */
  get isOutdated() {
    if (this.state.data === null) return false;
    if (JSON.stringify(shapeOf(this.drawn)) !== JSON.stringify(shapeOf(this.state.data))) return true;
    return [...this.room.querySelectorAll("[data-entry]")].some((entry) => keyOf(this.placeOf(entry)?.path) !== entry.dataset.entry);
  }

  /** @param {Element} target */
  focused(target) {
    const place = fieldOf(target) ?? target.closest?.("[data-entry]");
    if (!place || !this.room.contains(place)) return;
    document.getElementById("card").dataset.entry = keyOf(pathOf(place));
    document.dispatchEvent(new CustomEvent("desk:focus", { detail: pathOf(place) }));
  }

  /** Send changes, and take in the answer. @param {import("./form_values.js").Change[]} changes */
  async deliver(changes) {
    const plain = changes.map(({ path, names, value, was, action = "set", to = 0 }) => ({ path, names, value, was, action, to }));
    const told = await this.ask({ changes: plain });
    this.history.made(told, changes.length === 1 ? markOf(changes[0].path, changes[0].names) : "");
    this.apply(told);
    document.dispatchEvent(new CustomEvent("desk:saved"));
    return told;
  }

  /**
   * Ask the server for a change that alters which entries there are; what was typed is saved before.
   * @param {() => object | null} bodyOf returns what to ask for, once all is done that was asked for before; null for nothing
   * @returns {Promise<any>} the answer; null if it was refused, undefined if there was none
   */
  async act(bodyOf) {
    const told = await this.queue.alone(async () => {
      const body = bodyOf();
      return body && this.change(body);
    });
    // The answer may have been overtaken: then the form that shows its entry is on its way.
    await this.drawing;
    return told;
  }

  /** Make a change of entries, and take in the answer: null if it was refused, undefined if there was none. @param {any} body */
  change(body) {
    return this.changed(body).catch((error) => {
      toast(error.message);
      return isUnanswered(error) ? undefined : null;
    });
  }

  /** @param {any} body */
  async changed(body) {
    const told = await this.ask({ ...body, form: true, opened: this.entries.more });
    await released();
    if (told.conflicts.length || told.refused.length) {
      toast(told.refused[0] ? `${told.refused[0].message}: ${told.refused[0].hint}` : "Not done: somebody else has changed this meanwhile.");
    } else if (!body.isUndo) {
      this.history.made(told, "", Boolean(body.settle));
    }
    this.apply(told);
    document.dispatchEvent(new CustomEvent("desk:saved"));
    return told.conflicts.length || told.refused.length ? null : told;
  }

  /** Send a request that changes the record, and return the answer; throws if nothing was changed. @param {object} body */
  ask(body, method = "POST", address = this.address) {
    return ask(this, body, method, address);
  }

  /** Take in what the record says by now. @param {any} state with `form` if it brings the form anew */
  apply(state) {
    // Answers overtake each other: what was read before what is known already is not shown.
    if (state.reading < this.reading) return this.textView.heard();
    this.reading = state.reading;
    if (this.unreadable.waits(state)) {
      this.isStale = true;
      return;
    }
    this.before = this.state.data ?? this.before;
    this.state = { reading: state.reading, text: state.text, data: state.data, problems: state.problems };
    relocate(this);
    if (state.form) replace(this, state.form);
    else if (this.isOutdated) this.redraw();
    else rename(this);
    if (state.data === null && this.shown === "form") this.view("text");
    for (const field of fieldsIn(this.room)) fill(this, field);
    for (const entry of this.queue.held) chooseIn(this, entry);
    const title = [state.data?.acronym, state.data?.title].find((each) => typeof each === "string");
    if (title) document.querySelector(".trial-head h1").textContent = title;
    showFaults(this);
    this.textView.heard();
    this.takeTurns();
    this.entries.head();
  }

  /** Fetch the form anew until it shows the entries of the record. */
  redraw() {
    this.drawing ??= this.drawAgain().finally(() => { this.drawing = null; });
  }

  async drawAgain() {
    do await this.refresh(true); while (this.isOutdated && !this.isStale);
  }

  /** Read the record anew; `isStale` tells that it could not be read. @param {boolean} [withForm] */
  async refresh(withForm = false) {
    this.isStale = false;
    try {
      const opened = encodeURIComponent(JSON.stringify(this.entries.more));
      const answer = await fetch(`${this.address}?part=${withForm ? `form&opened=${opened}` : "state"}`);
      if (!answer.ok) this.isStale = true;
      if (answer.status === 404) this.textView.gone();
      if (!answer.ok) return;
      const state = await answer.json();
      await released();
      // Which entry has got another id is easier to tell from the answer that is about nothing else.
      await this.queue.gate;
      this.apply(state);
    } catch {
      this.isStale = true;
    }
  }

  /** @param {{record?: string, connected?: boolean, outside?: boolean}} told */
  heard(told) {
    if (told.connected) {
      this.queue.flush();
      this.refresh();
    }
    if (told.record !== this.file) return;
    if (document.hidden && !this.queue.size) this.isStale = true;
    else this.refresh();
  }

  /** Return what was typed into a field and waits. @param {HTMLElement} field */
  waitingIn(field) {
    const place = this.placeOf(field);
    return place ? this.queue.get(place) : undefined;
  }

  /** One writes in one view at a time: what was typed in the other one is saved before, and is no change of somebody else. */
  takeTurns() {
    const { isTyped, isHeld, isUnanswered: isLost, area } = this.textView;
    this.room.inert = isTyped && !isHeld;
    // Nothing can be saved into a file that cannot be read before its text is corrected.
    area.readOnly = !isTyped && this.state.data !== null && this.queue.size > this.queue.held.length;
    const isTextFirst = this.shown === "form" && this.room.inert && isLost;
    const isFormFirst = this.shown === "text" && area.readOnly && this.queue.trouble;
    notice("turn", isTextFirst ? "What you wrote in the text is not saved yet. Until it is, the form waits." : isFormFirst ? "What you wrote in the form is not saved yet. Until it is, the text waits." : "");
  }

  tellState() {
    const place = document.getElementById("save-state");
    const { held, size, trouble, isSending } = this.queue;
    const { isTyped, isHeld, isUnanswered: isLost } = this.textView;
    const waiting = held.length ? `${held.length === 1 ? "One field waits" : `${held.length} fields wait`} for you` : isHeld ? "The text waits for you" : trouble || isLost ? "Not saved yet" : "";
    const said = waiting || (size || isSending || isTyped ? "Saving …" : "Saved");
    if (place.textContent !== said) place.textContent = said;
    place.classList.toggle("bad", Boolean(waiting));
    this.takeTurns();
    for (const field of this.room.querySelectorAll(".waits")) field.classList.toggle("waits", Boolean(this.waitingIn(field)));
  }
}

new Form();
