/* The text of the record, beside the form: both say the same. A record that cannot be read is mended here. */
import { toast } from "./desk.js";
import { notice } from "./form_conflicts.js";
import { isUnanswered } from "./form_server.js";
import { offerFocus } from "./form_sync.js";
import { store } from "./stored.js";

const PAUSE = 700;
const AGAIN = 1000;

/** Return a text as it is written: with a line break at its end. @param {string} text */
const ended = (text) => (text && !text.endsWith("\n") ? `${text}\n` : text);

/** Return where a place of a text is after others have changed other lines of it. @param {string} text @param {string} now @param {number} place */
function shifted(text, now, place) {
  const start = text.lastIndexOf("\n", place - 1) + 1;
  const end = text.indexOf("\n", place);
  const line = text.slice(start, end < 0 ? undefined : end);
  const isAt = (at) => (at === 0 || now[at - 1] === "\n") && now.slice(at).split("\n", 1)[0] === line;
  if (isAt(start)) return place;
  const fromEnd = now.length - (text.length - start);
  if (isAt(fromEnd)) return fromEnd + place - start;
  for (let at = now.indexOf(line); line && at >= 0; at = now.indexOf(line, at + 1)) if (isAt(at)) return at + place - start;
  return place;
}

export class TextView {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.area = document.getElementById("record-text");
    this.storage = `desk-text:${form.file}`;
    /** The text that what stands here has grown out of. */
    this.base = form.state.text;
    this.timer = 0;
    this.isTyped = false;
    /** Whether the author has to choose first, or there was no answer. */
    this.isHeld = false;
    this.isUnanswered = false;
    this.area.value = this.base;
    this.area.addEventListener("input", () => this.typed());
    const kept = JSON.parse(sessionStorage.getItem(this.storage) ?? "null");
    /** What was sent and not answered yet: others may have written into it since, and what is typed by now has grown out of it. @type {{text: string, was: string | null} | null} */
    this.sent = kept?.sent ?? null;
    if (kept) {
      this.base = kept.base;
      this.area.value = kept.text;
      this.isTyped = true;
      this.soon(PAUSE);
    }
  }

  typed() {
    this.isTyped = true;
    this.soon(PAUSE);
    this.keep();
  }

  keep() {
    store(this.storage, this.isTyped ? { base: this.base, text: this.area.value, sent: this.sent } : null);
    this.form.tellState();
  }

  /** @param {number} pause */
  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  /** The record says something else by now. */
  heard() {
    notice("gone", "");
    if (!this.isTyped) {
      this.base = this.form.state.text;
      if (this.area.value !== this.base) {
        const [start, top] = [shifted(this.area.value, this.base, this.area.selectionStart), this.area.scrollTop];
        this.area.value = this.base;
        this.area.setSelectionRange(start, start);
        this.area.scrollTop = top;
      }
    }
    this.faults();
  }

  async open() {
    await this.form.queue.flush();
    offerFocus(this.area);
  }

  /** Save the text, one request after the other. @param {string | null} [over] the text to write over, if the author has seen another */
  save(over) {
    return this.form.queue.alone(async () => {
      if (!this.isTyped) return;
      // The same is sent until there is an answer: if it was written, the server finds it even among lines of others.
      if (!this.sent || over !== undefined) this.sent = { text: this.area.value, was: over === undefined ? this.base : over };
      this.keep();
      const { text, was } = this.sent;
      const told = await this.put(text, was).catch((error) => this.refused(error));
      if (told) this.saved(text, was, told);
    });
  }

  /** @param {string} text @param {string | null} was @param {any} told */
  saved(text, was, told) {
    if (was !== null) this.form.history.wrote(was, ended(text));
    // What was typed meanwhile has grown out of what was sent; what others have written is not in it.
    this.base = ended(text);
    this.sent = null;
    this.isHeld = this.isUnanswered = false;
    this.isTyped = this.area.value !== text;
    if (this.isTyped) this.soon(PAUSE);
    this.keep();
    this.taken(told);
  }

  /** @param {any} error */
  refused(error) {
    this.isUnanswered = isUnanswered(error);
    if (this.isUnanswered) this.soon(AGAIN);
    else this.sent = null;
    this.isHeld = error.status === 409;
    this.keep();
    if (this.isHeld) this.choose(error.told.now);
  }

  /**
   * Write a text in place of another one, which both are known, while nothing else is sent; what is typed here waits.
   * @param {string} text @param {string | null} was
   * @returns {Promise<boolean | undefined>} whether it was written; undefined if there was no answer
   */
  async write(text, was) {
    try {
      this.taken(await this.put(text, was));
      return true;
    } catch (error) {
      if (error.status === 409 && error.told.now === null) this.gone();
      toast(error.status === 409 ? "Not done: somebody else has changed this meanwhile." : error.message);
      return isUnanswered(error) ? undefined : false;
    }
  }

  put(text, was) {
    return this.form.ask({ text, was }, "PUT");
  }

  /** @param {any} told */
  taken(told) {
    notice("text", "");
    notice("gone", "");
    this.form.apply(told);
    document.dispatchEvent(new CustomEvent("desk:saved"));
  }

  /** @param {string | null} now */
  choose(now) {
    if (now === null) return this.gone();
    this.theirs = now;
    notice("text", "Somebody else has changed the same lines of the file meanwhile. Nothing was overwritten.", [
      ["Keep mine", () => this.save(this.theirs)],
      ["Take the file", () => this.forget()],
      ["Copy mine first", () => navigator.clipboard.writeText(this.area.value).then(() => toast("Copied."))],
    ]);
  }

  forget() {
    this.isTyped = this.isHeld = false;
    this.sent = null;
    this.keep();
    notice("text", "");
    this.form.refresh(true);
  }

  /** The file is gone: nothing that is known of it is lost. */
  gone() {
    notice("gone", "The file of this trial is gone: it was deleted, moved or renamed. What you see is kept in this window.", [
      ["Write it anew", () => this.writeAnew()],
    ]);
  }

  async writeAnew() {
    if (this.isTyped) await this.save(null);
    else if (await this.form.queue.alone(() => this.write(this.form.state.text, null))) toast("Written anew.");
    this.form.queue.flush();
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
