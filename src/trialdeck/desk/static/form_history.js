/* Undo and redo over the session: each step has the changes that take it back, also those of entries. */
import { toast } from "./desk.js";
import { at } from "./form_values.js";
import { store } from "./stored.js";

const MOST = 200;

export class History {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.storage = `desk-history:${form.file}`;
    /** @type {{changes?: any[], text?: {was: string, now: string}, key: string}[]} */
    this.done = [];
    this.undone = [];
    [this.done, this.undone] = JSON.parse(sessionStorage.getItem(this.storage) ?? "[[],[]]");
    this.close();
    document.querySelector("[data-undo]").addEventListener("click", () => this.undo());
    document.querySelector("[data-redo]").addEventListener("click", () => this.redo());
    document.addEventListener("keydown", (event) => this.pressed(event));
    this.tell();
  }

  /** What is typed next is a step of its own. */
  close() {
    if (this.done.length) this.done.at(-1).key = "";
  }

  /**
   * The server has made changes.
   * @param {any} told @param {string} key the place of what was typed, or empty
   * @param {boolean} [isPart] whether they belong to the last step
   */
  made(told, key, isPart = false) {
    if (!told.undo?.length) return;
    const last = this.done.at(-1);
    if (isPart && last?.changes) {
      last.changes = [...told.undo, ...last.changes];
    } else if (key && last?.key === key && last.changes?.length === 1 && told.undo.length === 1) {
      // One goes on typing: the step takes back all of it.
      last.changes[0].was = at(told.data, last.changes[0].path);
    } else {
      this.done.push({ changes: told.undo, key });
    }
    this.undone.splice(0);
    this.tell();
  }

  /** The whole text was written. @param {string} was @param {string} now */
  wrote(was, now) {
    const last = this.done.at(-1);
    if (last?.text && last.key === "text" && last.text.now === was) last.text.now = now;
    else this.done.push({ text: { was, now }, key: "text" });
    this.undone.splice(0);
    this.tell();
  }

  undo() {
    this.close();
    return this.step(this.done, this.undone);
  }

  redo() {
    return this.step(this.undone, this.done);
  }

  /** Take back the last step of one list, when all that was typed or asked for before is done and so a step of its own. */
  async step(from, to) {
    if (this.form.textView.isTyped) this.form.textView.save();
    const step = await this.form.queue.alone(() => this.taken(from, to));
    await this.form.drawing;
    if (step?.changes) this.form.entries.reveal(step.changes[0].path);
    if (!document.activeElement || document.activeElement === document.body) document.getElementById("trial-bar").focus();
    if (step) toast(from === this.done ? "Undone." : "Done again.");
  }

  /** Take back the last step, and return it; what takes that back goes to the other list. A step that the server has not answered stays. */
  async taken(from, to) {
    const step = from.at(-1);
    if (!step) return null;
    const back = step.text ? await this.rewritten(step.text) : await this.changed(step.changes);
    if (back === undefined) return null;
    from.splice(from.lastIndexOf(step), 1);
    if (back) to.push(back);
    this.tell();
    return back && step;
  }

  /** Make changes, and return the step that takes them back; null if they were refused, undefined without an answer. @param {any[]} changes */
  async changed(changes) {
    const told = await this.form.change({ changes, together: true, isUndo: true });
    return told && { changes: told.undo, key: "" };
  }

  /** Write a former text, and return the step that takes that back; null if it was refused, undefined without an answer. */
  async rewritten({ was, now }) {
    const isWritten = await this.form.textView.write(was, now);
    return isWritten ? { text: { was: now, now: was }, key: "" } : isWritten === false ? null : undefined;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const isText = event.target.matches?.("textarea, input:not([type=checkbox])");
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isText || document.querySelector("dialog[open]")) return;
    const letter = event.key.toLowerCase();
    if (letter !== "z" && letter !== "y") return;
    event.preventDefault();
    if (letter === "y" || event.shiftKey) this.redo();
    else this.undo();
  }

  tell() {
    this.done.splice(0, this.done.length - MOST);
    for (const [name, steps] of [["undo", this.done], ["redo", this.undone]]) {
      const button = document.querySelector(`[data-${name}]`);
      button.disabled = !steps.length;
      button.title = `${steps.length} ${steps.length === 1 ? "step" : "steps"}`;
    }
    store(this.storage, [this.done, this.undone]);
    if (!this.undone.length) this.form.entries.settleAll();
  }
}
