/* A file that cannot be read: another program may be in the middle of writing it, so the form stays until it remains so. */
import { notice } from "./form_conflicts.js";

/** How long a program may take to write a file. */
const PATIENCE = 1000;

export class Unreadable {
  #timer = 0;
  #isOver = false;

  /** @param {any} form */
  constructor(form) {
    this.form = form;
  }

  /** Tell whether the form waits until its file can be read again; after a while it gives way to the text. @param {any} state */
  waits(state) {
    const isBroken = state.data === null && this.form.state.data !== null;
    const isWaiting = isBroken && this.form.shown !== "text" && !this.#isOver;
    notice("unreadable", isWaiting ? "The file of this trial cannot be read at the moment: another program may be writing it. What you type is kept in this window." : "");
    if (isWaiting) {
      this.#timer ||= setTimeout(() => this.lookAgain(), PATIENCE);
    } else {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.#isOver = false;
    }
    return isWaiting;
  }

  lookAgain() {
    this.#isOver = true;
    this.form.refresh();
  }
}
