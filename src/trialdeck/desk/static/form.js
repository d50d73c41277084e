/* The form of a trial: what is typed goes into the queue, what the server answers comes back into the fields. */
import { toast } from "./desk.js";
import { Compared } from "./form_compared.js";
import { chooseIn } from "./form_conflicts.js";
import { Entries } from "./form_entries.js";
import { showFaults } from "./form_faults.js";
import { History } from "./form_history.js";
import { prepareRemoval } from "./form_removal.js";
import { ask } from "./form_server.js";
import { TextView } from "./form_text.js";
import { prepareTabs, showTab } from "./form_tabs.js";
import { Tools } from "./form_tools.js";
import { fill, relocate, released, rename, replace, sendLast } from "./form_sync.js";
import { at, fieldOf, fieldsIn, keyOf, namesOf, pathOf, relocated, same, shapeOf, valueOf } from "./form_values.js";
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
    this.history = new History(this);
    this.entries = new Entries(this);
    this.textView = new TextView(this);
    this.tools = new Tools(this);
    this.compared = new Compared(this);
    this.before = this.state.data;
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
    if (name === "text") this.textView.open();
  }

  /** Something was typed into a field, or chosen. @param {Element} target @param {number} [pause] */
  typed(target, pause) {
    const field = fieldOf(target);
    if (!field) return;
    const names = namesOf(field);
    const path = relocated(this.state.data, pathOf(field), names) ?? pathOf(field);
    const change = { path, names, value: valueOf(field) };
    const was = at(this.state.data, change.path);
    if (same(change.value, was) && !this.queue.get(change.path)) return;
    const isEmptied = change.value === "" && field.matches("textarea");
    const isWords = field.dataset.kind === "words";
    this.queue.put({ ...change, was }, pause ?? (isEmptied ? EMPTIED : isWords ? WORDS : undefined));
    if (this.queue.get(path).held) chooseIn(this, this.queue.get(path));
    document.dispatchEvent(new CustomEvent("desk:typed", { detail: { ...change, was } }));
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
    this.history.made(told, changes.length === 1 ? keyOf(changes[0].path) : "");
    this.apply(told);
    document.dispatchEvent(new CustomEvent("desk:saved"));
    return told;
  }

  /**
   * Ask the server for a change that alters which entries there are; what was typed is saved before.
   * @param {object} body
   * @returns {Promise<any>} the answer, or null if it was refused
   */
  async act(body) {
    try {
      return await this.queue.alone(() => this.change(body));
    } catch (error) {
      toast(error.message);
      return null;
    }
  }

  /** Make a change of entries, and take in the answer. @param {any} body */
  async change(body) {
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
    // Answers overtake each other: what was read before what the form shows is not shown.
    if (state.reading < this.state.reading) return this.textView.heard();
    const isOther = JSON.stringify(shapeOf(this.state.data)) !== JSON.stringify(shapeOf(state.data));
    this.before = this.state.data;
    this.state = { reading: state.reading, text: state.text, data: state.data, problems: state.problems };
    relocate(this);
    if (state.form) replace(this, state.form);
    else if (isOther && state.data !== null) this.refresh(true);
    if (state.data === null && this.shown === "form") this.view("text");
    if (!isOther || state.form) rename(this);
    for (const field of fieldsIn(this.room)) fill(this, field);
    for (const entry of this.queue.held) chooseIn(this, entry);
    const title = [state.data?.acronym, state.data?.title].find((each) => typeof each === "string");
    if (title) document.querySelector(".trial-head h1").textContent = title;
    showFaults(this);
    this.textView.heard();
    this.entries.head();
  }

  /** Read the record anew. @param {boolean} [withForm] */
  async refresh(withForm = false) {
    this.isStale = false;
    try {
      const opened = encodeURIComponent(JSON.stringify(this.entries.more));
      const answer = await fetch(`${this.address}?part=${withForm ? `form&opened=${opened}` : "state"}`);
      if (answer.status === 404) return this.textView.gone();
      const state = answer.ok && (await answer.json());
      await released();
      // Overtaken by what was typed meanwhile: then its form may lack an entry.
      if (withForm && state.reading < this.state.reading) return this.refresh(true);
      if (state) this.apply(state);
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

  tellState() {
    const place = document.getElementById("save-state");
    const { held, size, trouble, isSending } = this.queue;
    const said = held.length ? `${held.length === 1 ? "One field waits" : `${held.length} fields wait`} for you` : trouble ? "Not saved yet" : size || isSending ? "Saving …" : "Saved";
    if (place.textContent !== said) place.textContent = said;
    place.classList.toggle("bad", Boolean(held.length || trouble));
    for (const field of this.room.querySelectorAll(".waits")) field.classList.toggle("waits", Boolean(this.queue.get(pathOf(field))));
  }
}

new Form();
