/* What a comparison with the other trials finds. The server makes it for all trials at once, in the background: it is asked
   for when nothing has been saved for a while. */
import { showFaults } from "./form_faults.js";

const PAUSE = 2000;
const AGAIN = 1000;

export class Compared {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.problems = [];
    this.timer = 0;
    this.isStale = false;
    document.addEventListener("desk:saved", () => this.soon());
    document.addEventListener("desk", (event) => {
      const { record, file, settings, connected } = event.detail;
      if (record || file || settings || connected) this.soon();
    });
    document.addEventListener("visibilitychange", () => { if (this.isStale && !document.hidden) this.soon(0); });
    this.soon(0);
  }

  /** @param {number} [pause] */
  soon(pause = PAUSE) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async ask() {
    this.isStale = document.hidden;
    if (this.isStale) return;
    const answer = await fetch(`${this.form.address}?part=compared`).catch(() => null);
    // If the desk does not answer, a message says when it does again.
    if (!answer?.ok) return;
    const told = await answer.json();
    if (!told.is_current) return this.soon(AGAIN);
    this.problems = told.problems;
    showFaults(this.form);
    this.form.textView.faults();
  }
}
