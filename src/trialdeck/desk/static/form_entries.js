/* The entries of the lists: open and close, add, move, remove, retire, another id. */
import { toast } from "./desk.js";
import { ask, rename, retire } from "./form_asks.js";
import { Dragging } from "./form_drag.js";
import { addStatement, removeStatement } from "./form_sentences.js";
import { offerFocus } from "./form_sync.js";
import { at, fieldAt, fieldOf, fieldsIn, keyOf, markOf, namesOf, namesOn, pathOf, relocated, tracked } from "./form_values.js";

/** How long a click may take before a new entry gets its id, and the form is put in anew. */
const CLICK = 400;

/** @typedef {{path: any[], names: string[], lead?: string[]}} Fresh `lead` is where the words for the id are in it, once the author has left them */

export class Entries {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.room = form.room;
    /** New entries and sentences, whose ids are yet to be made of what they say. @type {Fresh[]} */
    this.fresh = [];
    this.isReplaced = false;
    new Dragging(this);
    this.room.addEventListener("click", (event) => this.clicked(event));
    this.room.addEventListener("change", (event) => { if (event.target.matches("[data-show-column]")) this.showColumn(event.target); });
    this.room.addEventListener("focusout", (event) => this.left(fieldOf(event.target)));
    this.room.addEventListener("toggle", (event) => { if (event.target.matches("details.more[open]")) this.load(event.target); }, true);
    this.room.addEventListener("beforematch", (event) => this.open(event.target.closest(".entry")));
    this.room.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      const entry = event.target.closest("[data-entry]");
      if (!entry) return;
      event.preventDefault();
      this.move(entry, pathOf(entry).at(-1) + (event.key === "ArrowUp" ? -1 : 1), event.target);
    });
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const entry = button.closest("[data-entry]");
    const { dataset } = button;
    if (button.matches(".entry-open")) this.open(entry, button.getAttribute("aria-expanded") !== "true");
    else if (dataset.add) this.add(JSON.parse(dataset.add), namesOf(button));
    else if (dataset.move) this.move(entry, pathOf(entry).at(-1) + Number(dataset.move), button);
    else if ("remove" in dataset) this.remove(entry);
    else if ("addStatement" in dataset) addStatement(this, button.closest("[data-statements]"), "");
    else if ("removeStatement" in dataset) removeStatement(this, button.closest(".statement"));
    else if ("retire" in dataset) retire(this.form, button);
    else if ("unretire" in dataset) this.actOn(button, (place) => ({ changes: [{ ...place, was: at(this.form.state.data, place.path) }] }));
    else if (dataset.rename) rename(this.form, button);
  }

  /** Give what is new the place that it has by now. @param {(place: any) => any} placeOf */
  relocate(placeOf) {
    for (const each of this.fresh) Object.assign(each, placeOf(each));
  }

  /** Return what is new and stands at a place. @param {{path: any[], names: string[]}} place */
  freshAt({ path, names }) {
    return this.fresh.find((each) => markOf(each.path, each.names) === markOf(path, names));
  }

  /** Change an entry: `bodyOf` gets its place and returns what to ask for, when all that was typed before is saved. */
  actOn(entry, bodyOf) {
    return this.form.act(() => {
      const place = this.form.placeOf(entry);
      if (place) return bodyOf(place);
      toast("Not done: this entry is no longer there.");
      return null;
    });
  }

  /** @param {HTMLElement | null} entry @param {boolean} [isOpen] */
  open(entry, isOpen = true) {
    const button = entry?.querySelector(".entry-open");
    if (!button) return;
    const body = document.getElementById(button.getAttribute("aria-controls"));
    button.setAttribute("aria-expanded", String(isOpen));
    entry.classList.toggle("is-open", isOpen);
    if (isOpen) body.removeAttribute("hidden");
    else body.setAttribute("hidden", "until-found");
  }

  /** Bring the further fields of an entry, when they are opened for the first time. @param {HTMLDetailsElement} details */
  async load(details) {
    details.open = true;
    const room = details.querySelector(".fields");
    if (room.childElementCount) return;
    const entry = details.closest(".entry");
    const place = encodeURIComponent(JSON.stringify([this.form.placeOf(entry)]));
    const answer = await fetch(`${this.form.address}?part=more&opened=${place}`).catch(() => null);
    if (!answer?.ok) {
      details.open = false;
      return toast("The desk does not answer: open it once more.");
    }
    if (room.childElementCount) return;
    room.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    this.form.apply(this.form.state);
  }

  /** Return the entries whose further fields are open. */
  get more() {
    return [...this.room.querySelectorAll("details.more[open]")].map((each) => this.form.placeOf(each.closest(".entry"))).filter(Boolean);
  }

  /** Return what is open: entries, and columns that are shown. */
  opened() {
    const keyed = (each) => keyOf(this.form.placeOf(each)?.path ?? ["?"]);
    return {
      entries: [...this.room.querySelectorAll(".entry.is-open")].map(keyed),
      columns: [...this.room.querySelectorAll("th[data-column]:not([hidden])")].map((each) => ({ list: keyed(each.closest("table")), name: each.dataset.column })),
    };
  }

  /** Open again what was open in the form before. @param {ReturnType<Entries["opened"]>} kept */
  reopen({ entries, columns }) {
    for (const key of entries) this.open(this.room.querySelector(`[data-entry='${key}']`));
    for (const { list, name } of columns) {
      const table = this.room.querySelector(`table[data-list='${list}']`);
      if (table) this.unhide(table, name);
    }
  }

  /** Open what is around a value, and give it the focus. @param {import("./form_values.js").Path} path @returns {Promise<boolean>} */
  async reveal(path) {
    this.form.view("form");
    const isMore = path.length > 2 && fieldAt(path)?.dataset.path !== keyOf(path) && !document.getElementById(`f-${path.join("-")}`);
    const details = isMore && this.room.querySelector(`[data-entry='${keyOf(path.slice(0, 2))}'] > .entry-body > details.more`);
    if (details) await this.load(details);
    const field = fieldAt(path) ?? document.getElementById(`f-${path.join("-")}`);
    const entry = [...this.room.querySelectorAll("[data-entry]")].filter((each) => keyOf(path).startsWith(each.dataset.entry.slice(0, -1))).at(-1);
    const target = field && entry && !entry.contains(field) ? entry : field ?? entry;
    if (!target) return false;
    for (let each = target; each; each = each.parentElement?.closest(".entry, details")) {
      if (each.matches(".entry")) this.open(each);
      if (each.matches("details")) each.open = true;
    }
    const place = target.matches(".entry") ? target.querySelector(".entry-open") : target.matches("tr") ? target.querySelector("input") : target;
    offerFocus(place);
    if (document.activeElement === place) place.scrollIntoView({ block: "center" });
    return true;
  }

  /** @param {import("./form_values.js").Path} list @param {string[]} names */
  async add(list, names) {
    const told = await this.form.act(() => ({ add: { path: list, names } }));
    if (!told) return;
    const entries = relocated(told.data, list, names) ?? list;
    const added = [...entries, at(told.data, entries).length - 1];
    const place = tracked(told.data, this.form.state.data, added, namesOn(told.data, added));
    if (!place) return;
    if (place.names.at(-1)) this.fresh.push(place);
    const { path } = place;
    await this.reveal(path);
    const entry = this.room.querySelector(`[data-entry='${keyOf(path)}']`);
    offerFocus(entry?.querySelector(".fields textarea, .fields input, input"));
  }

  /** @param {HTMLElement} entry @param {number} to @param {HTMLElement} [from] what has the focus, and keeps it */
  async move(entry, to, from) {
    const path = pathOf(entry);
    const count = at(this.form.state.data, path.slice(0, -1))?.length ?? 0;
    if (to < 0 || to >= count || to === path.at(-1)) return;
    const mark = from?.dataset.move ? `[data-move="${from.dataset.move}"]` : "";
    const told = await this.actOn(entry, (place) => ({ changes: [{ ...place, action: "move", to }] }));
    if (!told) return;
    const moved = this.room.querySelector(`[data-entry='${keyOf([...path.slice(0, -1), to])}']`);
    const button = mark && moved?.querySelector(`${mark}:not([disabled])`);
    offerFocus(button || moved?.querySelector(".entry-open, [data-move]:not([disabled])"));
    toast(`Now number ${to + 1} of ${count}.`);
  }

  /** @param {HTMLElement} entry */
  async remove(entry) {
    const path = pathOf(entry);
    const isShared = path.length === 2 && !["figures", "contributors"].includes(path[0]) && !this.freshAt({ path, names: namesOf(entry) });
    const answer = isShared ? await ask("ask-remove") : "remove";
    if (answer === "retire") {
      await this.load(entry.querySelector("details.more"));
      const button = entry.querySelector("[data-retire]");
      return button ? retire(this.form, button) : this.reveal([...path, "retired"]);
    }
    if (answer !== "remove") return;
    const told = await this.actOn(entry, (place) => ({ changes: [{ ...place, action: "remove", was: at(this.form.state.data, place.path) }] }));
    if (!told) return;
    const rest = at(told.data, path.slice(0, -1))?.length ?? 0;
    if (rest) this.reveal([...path.slice(0, -1), Math.min(path.at(-1), rest - 1)]);
    else offerFocus([...this.room.querySelectorAll("[data-add]")].find((each) => each.dataset.add === keyOf(path.slice(0, -1))));
    toast("Removed. Undo brings it back.");
  }

  /** A field was left: a new entry gets the id that its words give. @param {HTMLElement | null} field */
  left(field) {
    const entry = field?.closest("[data-entry]");
    if (!entry || this.isReplaced) return;
    const isStatement = pathOf(field).at(-2) === "cloze";
    const isLead = isStatement || field === fieldsIn(entry)[0];
    const place = this.form.placeOf(isStatement ? field : entry);
    const fresh = place && this.freshAt(place);
    if (!fresh || !isLead || !field.value.trim()) return;
    fresh.lead = isStatement ? [] : [pathOf(field).at(-1)];
    setTimeout(() => this.settle(fresh), CLICK);
  }

  /** Give all new entries whose words were left their ids. */
  settleAll() {
    for (const fresh of this.fresh) if (fresh.lead) this.settle(fresh);
  }

  /** Give a new entry the id that its words give, unless one goes on typing them. @param {Fresh} fresh */
  async settle(fresh) {
    const told = await this.form.act(() => {
      const words = { path: [...fresh.path, ...fresh.lead], names: fresh.names };
      if (!this.fresh.includes(fresh) || this.form.queue.get(words) || !at(this.form.state.data, words.path)) return null;
      // What can be done again knows the entry by the id that it has.
      if (this.form.history.undone.length) return null;
      this.fresh = this.fresh.filter((each) => each !== fresh);
      return { settle: { path: fresh.path, names: fresh.names } };
    });
    if (told === undefined) this.fresh.push(fresh);
  }

  /** @param {HTMLSelectElement} select */
  showColumn(select) {
    this.unhide(select.closest("fieldset").querySelector("table"), select.value);
    select.querySelector(`option[value="${CSS.escape(select.value)}"]`)?.remove();
  }

  unhide(table, name) {
    for (const cell of table.querySelectorAll(`[data-column="${CSS.escape(name)}"]`)) cell.hidden = false;
  }

  /** The heads of the entries say what the entries say. */
  head() {
    for (const entry of this.room.querySelectorAll("li.entry")) {
      const lead = fieldsIn(entry)[0]?.value;
      if (lead) entry.querySelector(".entry-lead").textContent = lead;
    }
  }
}
