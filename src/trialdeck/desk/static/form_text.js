/* The text of the record, beside the form: both say the same. A record that cannot be read is mended here. */
import { toast } from "./desk.js";
import { notice } from "./form_conflicts.js";
import { isUnanswered } from "./form_server.js";

const PAUSE = 700;

export class TextView {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.area = document.getElementById("record-text");
    this.storage = `desk-text:${form.file}`;
    /** The text that the author has begun with. */
    this.base = form.state.text;
    this.timer = 0;
    this.isTyped = false;
    this.area.value = this.base;
    this.area.addEventListener("input", () => this.typed());
    const kept = JSON.parse(sessionStorage.getItem(this.storage) ?? "null");
    if (kept) {
      this.base = kept.base;
      this.area.value = kept.text;
      this.typed();
    }
  }

  typed() {
    this.isTyped = true;
    sessionStorage.setItem(this.storage, JSON.stringify({ base: this.base, text: this.area.value }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /** The record says something else by now. */
  heard() {
    notice("gone", "");
    if (!this.isTyped) {
      this.base = this.form.state.text;
      if (this.area.value !== this.base) {
        const [start, top] = [this.area.selectionStart, this.area.scrollTop];
        this.area.value = this.base;
        this.area.setSelectionRange(start, start);
        this.area.scrollTop = top;
      }
    }
    this.faults();
  }

  async open() {
    await this.form.queue.flush();
    this.area.focus({ preventScroll: true });
  }

  async save() {
    const text = this.area.value;
    const was = this.base;
    if (await this.write(text, was)) this.form.history.wrote(was, this.base);
  }

  /**
   * Write the whole text, if need be once more; true if it was written.
   * @param {string} text @param {string | null} was
   */
  async write(text, was) {
    try {
      return await this.put(text, was);
    } catch (error) {
      if (isUnanswered(error)) this.timer = setTimeout(() => this.save(), 1000);
      return false;
    }
  }

  /**
   * Write the whole text; false if somebody else has changed the same. Throws if it was not written for another reason.
   * @param {string} text @param {string | null} was
   */
  async put(text, was) {
    let told;
    try {
      told = await this.form.ask({ text, was }, "PUT");
    } catch (error) {
      if (error.status !== 409) throw error;
      this.choose(text, error.told.now);
      return false;
    }
    notice("text", "");
    notice("gone", "");
    // What was typed while the text was written stays, and is saved next.
    this.isTyped = this.isTyped && this.area.value !== text;
    this.base = told.text;
    if (this.isTyped) this.typed();
    else sessionStorage.removeItem(this.storage);
    this.form.apply(told);
    document.dispatchEvent(new CustomEvent("desk:saved"));
    return true;
  }

  /** @param {string} text @param {string | null} now */
  choose(text, now) {
    if (now === null) return this.gone();
    notice("text", "Somebody else has changed the same lines of the file meanwhile. Nothing was overwritten.", [
      ["Keep mine", () => this.write(text, now)],
      ["Take the file", () => this.forget()],
      ["Copy mine first", () => navigator.clipboard.writeText(text).then(() => toast("Copied."))],
    ]);
  }

  forget() {
    this.isTyped = false;
    sessionStorage.removeItem(this.storage);
    notice("text", "");
    this.form.refresh(true);
  }

  /** The file is gone: nothing that is known of it is lost. */
  gone() {
    const text = this.isTyped ? this.area.value : this.form.state.text;
    notice("gone", "The file of this trial is gone: it was deleted, moved or renamed. What you see is kept in this window.", [
      ["Write it anew", async () => { if (await this.write(text, null)) { toast("Written anew."); this.form.queue.flush(); } }],
    ]);
  }

  /** Show a line. @param {number} line */
  go(line) {
    this.form.view("text");
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    const height = parseFloat(getComputedStyle(this.area).lineHeight) || 20;
    this.area.scrollTop = Math.max(0, (line - 5) * height);
  }

  faults() {
    const place = document.getElementById("text-faults");
    const isBroken = this.form.state.data === null;
    notice("broken", isBroken ? "This file cannot be read as a trial, so there is no form of it. Correct what is listed below its text." : "");
    const items = this.form.problems.map((problem) => {
      const item = document.createElement("p");
      item.className = `fault ${problem.severity}`;
      const link = document.createElement("button");
      link.type = "button";
      link.className = "link";
      link.textContent = `Line ${problem.line}`;
      link.addEventListener("click", () => this.go(problem.line));
      item.append(link, ` ${problem.message}${problem.hint ? `: ${problem.hint}` : ""}`);
      return item;
    });
    place.replaceChildren(...items);
  }
}
