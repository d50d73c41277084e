/* The entries of the lists: open and close, add, move, remove, retire, another id. */
import { toast } from "./desk.js";
import { ask, rename, retire } from "./form_asks.js";
import { Dragging } from "./form_drag.js";
import { addStatement, removeStatement } from "./form_sentences.js";
import { at, fieldAt, fieldOf, fieldsIn, keyOf, namesOf, nameOf, pathOf, tracked } from "./form_values.js";

/** How long a click may take before a new entry gets its id, and the form is put in anew. */
const CLICK = 400;

export class Entries {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.room = form.room;
    /** New entries and sentences, whose ids are yet to be made of what they say. */
    this.fresh = new Set();
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
    else if ("unretire" in dataset) this.form.act({ changes: [{ path: pathOf(button), names: namesOf(button), was: at(this.form.state.data, pathOf(button)) }] });
    else if (dataset.rename) rename(this.form, button);
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
    const place = JSON.stringify([{ path: pathOf(entry), names: namesOf(entry) }]);
    const answer = await fetch(`${this.form.address}?part=more&opened=${encodeURIComponent(place)}`);
    if (!answer.ok || room.childElementCount) return;
    room.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    this.form.apply(this.form.state);
  }

  /** Return the entries whose further fields are open. */
  get more() {
    return [...this.room.querySelectorAll("details.more[open]")].map((each) => each.closest(".entry")).map((each) => ({ path: pathOf(each), names: namesOf(each) }));
  }

  /** Return what is open: entries, and columns that are shown. */
  opened() {
    const place = (each) => ({ path: pathOf(each), names: namesOf(each) });
    return {
      entries: [...this.room.querySelectorAll(".entry.is-open")].map(place),
      columns: [...this.room.querySelectorAll("th[data-column]:not([hidden])")].map((each) => ({ ...place(each.closest("table")), name: each.dataset.column })),
    };
  }

  /** Open again what was open in the form before. @param {ReturnType<Entries["opened"]>} kept */
  reopen({ entries, columns }) {
    const now = ({ path, names }) => tracked(this.form.before, this.form.state.data, path, names)?.path;
    const entryAt = (place) => this.room.querySelector(`[data-entry='${keyOf(now(place) ?? ["?"])}']`);
    for (const each of entries) this.open(entryAt(each));
    for (const each of columns) {
      const table = this.room.querySelector(`table[data-list='${keyOf(now(each) ?? ["?"])}']`);
      if (table) this.unhide(table, each.name);
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
    place.focus();
    place.scrollIntoView({ block: "center" });
    return true;
  }

  /** @param {import("./form_values.js").Path} list @param {string[]} names */
  async add(list, names) {
    const told = await this.form.act({ add: { path: list, names } });
    if (!told) return;
    const path = [...list, at(told.data, list).length - 1];
    const name = nameOf(at(told.data, path));
    if (name) this.fresh.add(`${keyOf(list)} ${name}`);
    await this.reveal(path);
    const entry = this.room.querySelector(`[data-entry='${keyOf(path)}']`);
    entry?.querySelector(".fields textarea, .fields input, input")?.focus();
  }

  /** @param {HTMLElement} entry @param {number} to @param {HTMLElement} [from] what has the focus, and keeps it */
  async move(entry, to, from) {
    const path = pathOf(entry);
    const count = at(this.form.state.data, path.slice(0, -1))?.length ?? 0;
    if (to < 0 || to >= count || to === path.at(-1)) return;
    const mark = from?.dataset.move ? `[data-move="${from.dataset.move}"]` : "";
    const told = await this.form.act({ changes: [{ path, names: namesOf(entry), action: "move", to }] });
    if (!told) return;
    const moved = this.room.querySelector(`[data-entry='${keyOf([...path.slice(0, -1), to])}']`);
    const button = mark && moved?.querySelector(`${mark}:not([disabled])`);
    (button || moved?.querySelector(".entry-open, [data-move]:not([disabled])"))?.focus();
    toast(`Now number ${to + 1} of ${count}.`);
  }

  /** @param {HTMLElement} entry */
  async remove(entry) {
    const path = pathOf(entry);
    const isShared = path.length === 2 && !["figures", "contributors"].includes(path[0]) && !this.fresh.has(`${keyOf(path.slice(0, 1))} ${namesOf(entry).at(-1)}`);
    const answer = isShared ? await ask("ask-remove") : "remove";
    if (answer === "retire") {
      await this.load(entry.querySelector("details.more"));
      const button = entry.querySelector("[data-retire]");
      return button ? retire(this.form, button) : this.reveal([...path, "retired"]);
    }
    if (answer !== "remove") return;
    await this.form.queue.flush();
    const told = await this.form.act({ changes: [{ path, names: namesOf(entry), action: "remove", was: at(this.form.state.data, path) }] });
    if (!told) return;
    const rest = at(told.data, path.slice(0, -1))?.length ?? 0;
    if (rest) this.reveal([...path.slice(0, -1), Math.min(path.at(-1), rest - 1)]);
    else [...this.room.querySelectorAll("[data-add]")].find((each) => each.dataset.add === keyOf(path.slice(0, -1)))?.focus();
    toast("Removed. Undo brings it back.");
  }

  /** A field was left: a new entry gets the id that its words give. @param {HTMLElement | null} field */
  left(field) {
    const entry = field?.closest("[data-entry]");
    if (!entry || this.isReplaced) return;
    const isStatement = pathOf(field).at(-2) === "cloze";
    const path = isStatement ? pathOf(field) : pathOf(entry);
    const name = isStatement ? path.at(-1) : namesOf(entry).at(-1);
    const mark = `${keyOf(path.slice(0, -1))} ${name}`;
    const isLead = isStatement || field === fieldsIn(entry)[0];
    if (!this.fresh.has(mark) || !isLead || !field.value.trim()) return;
    setTimeout(async () => {
      await this.form.queue.flush();
      if (this.form.queue.get(pathOf(field)) || !this.fresh.delete(mark)) return;
      await this.form.act({ settle: { path, names: namesOf(entry) } });
    }, CLICK);
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
