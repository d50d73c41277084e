/* Drag an entry to another place of its list. The buttons beside it, and Alt with an arrow, do the same. */
import { pathOf } from "./form_values.js";

export class Dragging {
  /** @param {import("./form_entries.js").Entries} entries */
  constructor(entries) {
    this.entries = entries;
    this.entry = null;
    this.over = null;
    const { room } = entries;
    room.addEventListener("dragstart", (event) => this.begin(event));
    room.addEventListener("dragenter", (event) => this.pass(event));
    room.addEventListener("dragover", (event) => this.pass(event));
    room.addEventListener("drop", (event) => this.drop(event));
    room.addEventListener("dragend", () => this.end());
  }

  begin(event) {
    if (!event.target.matches?.(".grip")) return;
    this.entry = event.target.closest(".entry");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.entry.querySelector(".entry-lead").textContent);
    event.dataTransfer.setDragImage(this.entry.querySelector(".entry-head"), 10, 10);
    this.entry.classList.add("dragged");
  }

  pass(event) {
    const over = event.target.closest?.(".entry");
    if (!this.entry || over?.parentElement !== this.entry.parentElement) return;
    event.preventDefault();
    this.over?.classList.remove("before", "behind");
    const head = over.querySelector(".entry-head").getBoundingClientRect();
    this.isBehind = event.clientY > head.top + head.height / 2;
    this.over = over;
    over.classList.add(this.isBehind ? "behind" : "before");
  }

  drop(event) {
    if (!this.entry || !this.over) return;
    event.preventDefault();
    const [from, over] = [pathOf(this.entry).at(-1), pathOf(this.over).at(-1)];
    const to = over + (this.isBehind ? 1 : 0) - (from < over || (from === over && this.isBehind) ? 1 : 0);
    const entry = this.entry;
    this.end();
    this.entries.move(entry, to);
  }

  end() {
    this.entry?.classList.remove("dragged");
    this.over?.classList.remove("before", "behind");
    this.entry = this.over = null;
  }
}
