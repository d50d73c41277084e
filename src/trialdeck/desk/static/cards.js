/* The card beside the form: front and back of what has the focus, while one writes. The page of a trial has
   <aside id="card" data-file="aspire.yaml">, and tells with events on its document:
     desk:focus  detail: the path of the value in focus, such as ["questions", 0, "response"]
     desk:typed  detail: a change that is not saved yet, such as {"path": […], "value": "…", "was": "…"}
     desk:saved  the record is saved */
import { prepareFrames, prepareLooks, show } from "./card_frame.js";
import { send } from "./desk.js";

const PAUSE = 120;
const AGAIN = 1000;
/** In milliseconds: what was typed so shortly before a save ended may not be part of it, but is saved soon after. */
const FRESH = 300;

/** In milliseconds: after so long without a card the page says what it waits for. */
const PATIENCE = 800;

/** @typedef {{key: string, template: string, across: boolean, front: string, back: string, formula: boolean}} Card */
/** @typedef {{cards: Card[], message: string, meaning: string, problems: {message: string, hint: string}[]}} Preview */

class LiveCard {
  /** @param {HTMLElement} room @param {string} file */
  constructor(room, file) {
    this.room = room;
    this.file = file;
    this.path = null;
    this.typed = new Map();
    this.cards = [];
    this.at = 0;
    this.asked = 0;
    this.timer = 0;
    this.later = 0;
    room.addEventListener("click", (event) => {
      const step = event.target.closest("[data-turn]");
      if (step) this.turn(Number(step.dataset.turn));
    });
  }

  /** @param {(string | number)[]} path */
  focus(path) {
    const isOther = JSON.stringify(path?.slice(0, 2)) !== JSON.stringify(this.path?.slice(0, 2));
    this.path = path;
    if (isOther) this.at = 0;
    this.soon(isOther ? 0 : PAUSE);
  }

  /** @param {{path: (string | number)[], value: unknown}} change */
  type(change) {
    this.typed.set(JSON.stringify(change.path), { change, at: performance.now() });
    this.path ??= change.path;
    this.soon(PAUSE);
  }

  /** @param {boolean} [isLater] whether typing has paused since the save */
  saved(isLater = false) {
    const now = performance.now(), wasTyped = this.typed.size > 0;
    for (const [key, { at }] of this.typed) if (now - at >= FRESH) this.typed.delete(key);
    clearTimeout(this.later);
    if (wasTyped && !isLater) this.later = setTimeout(() => this.saved(true), FRESH);
    // What was typed is on the card already.
    else this.soon(0);
  }

  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  async ask() {
    if (!this.path) return;
    const own = ++this.asked;
    const slow = setTimeout(() => this.wait(), PATIENCE);
    let answer;
    try {
      const typed = { path: this.path, changes: [...this.typed.values()].map(({ change }) => change) };
      answer = await send(`/cards/preview/${this.file.split("/").map(encodeURIComponent).join("/")}`, typed);
      const preview = await answer.json();
      if (own === this.asked) this.draw(answer.ok ? preview : { cards: [], message: preview.message, meaning: preview.hint, problems: [] });
    } catch {
      // The server is away: the card stays as it was, and the page says so.
    } finally {
      clearTimeout(slow);
    }
  }

  /** Say what takes so long: at first, the card of a trial needs all other records. */
  wait() {
    if (this.cards.length) return;
    const text = document.createElement("p");
    text.textContent = "Reading the other trials …";
    this.room.querySelector("[data-instead]")?.replaceChildren(text);
  }

  /** @param {Preview} preview */
  draw(preview) {
    this.cards = preview.cards;
    this.at = Math.min(this.at, Math.max(this.cards.length - 1, 0));
    const instead = this.room.querySelector("[data-instead]");
    instead.hidden = this.cards.length > 0;
    this.room.querySelector("[data-sides]").hidden = !this.cards.length;
    if (!this.cards.length) {
      const lines = [preview.message, ...preview.problems.map((each) => `${each.message}${each.hint ? `: ${each.hint}` : ""}`), preview.meaning];
      instead.replaceChildren(...lines.filter(Boolean).map((line) => {
        const text = document.createElement("p");
        text.textContent = line;
        return text;
      }));
    }
    this.drawCard();
  }

  drawCard() {
    const turns = this.room.querySelector(".live-turns");
    turns.hidden = this.cards.length < 2;
    const card = this.cards[this.at];
    if (!card) return;
    turns.querySelector("[data-count]").textContent = `${this.at + 1} of ${this.cards.length}`;
    for (const frame of this.room.querySelectorAll("iframe.card-frame")) show(frame, card[frame.dataset.side]);
    this.room.querySelector("[data-formula]").hidden = !card.formula;
    this.room.querySelector("[data-across]").hidden = !card.across;
    this.room.dataset.key = card.key;
  }

  /** @param {number} step */
  turn(step) {
    this.at = (this.at + step + this.cards.length) % this.cards.length;
    this.drawCard();
  }
}

/** Put the card into a page. @param {HTMLElement} room */
async function begin(room) {
  if (!document.querySelector('link[href="/static/cards.css"]')) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = "/static/cards.css";
    document.head.append(style);
  }
  const file = room.dataset.file ?? decodeURIComponent(location.pathname.replace(/^\/trial\//, ""));
  const live = new LiveCard(room, file);
  document.addEventListener("desk:focus", (event) => live.focus(event.detail));
  document.addEventListener("desk:typed", (event) => live.type(event.detail));
  document.addEventListener("desk:saved", () => live.saved());
  // Somebody else has changed this record, or one whose numbers stand on the same card.
  document.addEventListener("desk", (event) => event.detail.record && live.soon(PAUSE));
  let part = await fetch("/cards/live").catch(() => null);
  while (!part?.ok) {
    // The desk does not answer: it may be back in a moment.
    await new Promise((done) => setTimeout(done, AGAIN));
    if (!room.isConnected) return;
    part = await fetch("/cards/live").catch(() => null);
  }
  const page = new DOMParser().parseFromString(await part.text(), "text/html");
  room.replaceChildren(...page.body.childNodes);
  room.setAttribute("aria-labelledby", "live-card");
  prepareFrames(room);
  prepareLooks(room);
  // As long as nothing has the focus, the card is that of the entry in the address, or of the trial itself.
  const entry = location.hash ? document.getElementById(location.hash.slice(1))?.closest("[data-entry]") : null;
  entry?.scrollIntoView({ block: "start" });
  live.focus(live.path ?? JSON.parse(entry?.dataset.entry ?? "[]"));
}

const room = document.getElementById("card");
if (room) begin(room);
