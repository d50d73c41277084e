/* Review item by item: sign, dispute, correct, skip, undo, with a mouse or by keys. */
import { prepareFrames, prepareLooks } from "./card_frame.js";
import { send, toast } from "./desk.js";
import { forgetTyped, isTyped, isWaiting, keepTyped, keyOf, putBack, textIsSent, texts, verdictIsSent } from "./review_typed.js";
import { store } from "./stored.js";

const NAME = "desk-reviewer";
const DONE = "desk-review-done";
const KEYS = { y: "[data-right]", d: "[data-dispute]", c: "[data-correct]", s: "[data-skip]", u: "[data-undo]" };
/** What a button opens. */
const FOLDS = [["#why", "[data-dispute]"], ["[data-corrections]", "[data-correct]"]];
let latest = 0;
let isActing = false;

const find = (selector) => document.querySelector(`#review ${selector}`);
const room = () => document.querySelector(".review-item");
const file = () => document.getElementById("review").dataset.file;
const under = (part) => `/review/${part}${file().split("/").map(encodeURIComponent).join("/")}`;

/** @returns {{file: string, address: string, changes: object[], what: string}[]} what can be taken back, the last one last */
function done() {
  return JSON.parse(sessionStorage.getItem(DONE) ?? "[]");
}

function keep(list) {
  store(DONE, list.slice(-200));
  for (const button of document.querySelectorAll("[data-undo]")) button.hidden = !list.length;
}

/** Show another item. @param {string} address @param {boolean} [isBack] whether it is in the history already */
async function go(address, isBack = false) {
  if (!(await draw(address))) return;
  if (!isBack) history.pushState(null, "", address);
  find("h1").focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Show the same item as it is by now; what has the focus keeps it, and what was unfolded stays so. */
async function redraw() {
  const isDrawn = await draw(location.pathname + location.search, () => {
    const { id, selectionStart: start, selectionEnd: end } = document.activeElement;
    const open = FOLDS.filter(([part]) => find(part)?.hidden === false);
    return () => {
      for (const [part, button] of open) if (find(part)) unfold(part, button, true);
      const field = id ? document.getElementById(id) : null;
      field?.focus({ preventScroll: true });
      if (Number.isInteger(start)) field?.setSelectionRange(start, end);
    };
  });
  if (isDrawn && document.activeElement === document.body) find("h1").focus({ preventScroll: true });
}

/**
 * Draw an item; false if another one was asked for meanwhile.
 * @param {string} address
 * @param {() => () => void} [note] notes what the page looks like just before, and returns what makes it so again
 */
async function draw(address, note = () => () => {}) {
  const own = ++latest;
  const answer = await fetch(address).catch(() => null);
  const text = await answer?.text();
  if (own !== latest) return false;
  if (!answer) return complain({ message: "The desk does not answer", hint: "try again when it is back" }), false;
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("review");
  if (!answer.ok || !next) return location.assign(address), false;
  const again = note();
  document.getElementById("review").replaceWith(document.adoptNode(next));
  document.title = page.title;
  begin();
  again();
  return true;
}

/** Do one thing at a time: a second click while the first is under way is not about what it would be done to. */
async function alone(act) {
  if (isActing) return;
  isActing = true;
  try {
    await act();
  } finally {
    isActing = false;
  }
}

/** @param {{message: string, hint?: string}} problem */
function complain({ message, hint }) {
  const text = `${message}${hint ? `: ${hint}` : ""}`;
  const line = find("[data-error]");
  if (!line) return toast(text);
  line.textContent = text;
  line.hidden = false;
}

/**
 * Post a change; keep what takes it back.
 * @param {string} address
 * @param {object} body
 * @param {string} what what was done, for the message of Undo
 * @returns {Promise<{next: string} | null>}
 */
async function change(address, body, what) {
  const here = { file: file(), address: location.pathname + location.search, what };
  const fail = (problem) => (isStill(here.address) ? complain(problem) : toast(`${problem.message}. ${problem.hint ?? ""}`));
  try {
    const answer = await send(address, body);
    const said = await answer.json();
    if (!answer.ok) return fail(said), null;
    if (what) keep([...done(), { ...here, changes: said.undo }]);
    return said;
  } catch {
    return fail({ message: "The desk does not answer", hint: "nothing was written; try again when it is back" }), undefined;
  }
}

/** Whether the reviewer has stayed at an item. @param {string} address */
const isStill = (address) => location.pathname + location.search === address;

/** @param {"reviewed" | "disputed"} verdict */
async function sign(verdict) {
  const item = room(), form = find("[data-verdict]");
  const by = form.by.value.trim();
  if (!by) {
    complain({ message: "A review needs a name", hint: "say who you are; the cards will show it" });
    return form.by.focus();
  }
  if (verdict === "disputed" && !form.reason.value.trim()) {
    complain({ message: "Say in a sentence what is wrong", hint: "the card will show it" });
    return form.reason.focus();
  }
  localStorage.setItem(NAME, by);
  const sent = { reason: form.reason.value, as_of: form.as_of?.value ?? "" }, here = location.pathname + location.search;
  const said = await change(under(""), {
    entry: JSON.parse(item.dataset.entry), seen: item.dataset.seen, verdict, by, ...sent,
    which: item.dataset.which, at: Number(item.dataset.at),
  }, verdict === "reviewed" ? "the signature" : "the dispute");
  if (!said) return;
  verdictIsSent(item.dataset.title, sent);
  // Who has gone on meanwhile stays where they are.
  await (isStill(here) ? go(said.next) : redraw());
}

async function undo() {
  const list = done(), last = list.at(-1);
  if (!last) return;
  const address = `/review/undo/${last.file.split("/").map(encodeURIComponent).join("/")}`;
  const said = await change(address, { changes: last.changes }, "");
  if (said === undefined) return;
  // What others have changed since cannot be taken back: do not offer it again.
  keep(list.slice(0, -1));
  if (!said) return;
  toast(`Taken back: ${last.what}`);
  await go(last.address);
}

async function correct() {
  const { entry, title } = room().dataset, here = location.pathname + location.search;
  const typed = texts().filter(isTyped).map((field) => ({ field, key: keyOf(field), value: field.value, ...field.dataset }));
  for (const { field, key, path, was, value } of typed) {
    const body = { entry: JSON.parse(entry), path: JSON.parse(path), was, value };
    if (!(await change(under("correct/"), body, "the new text"))) return field.focus();
    // What was typed while it was written is not written yet.
    field.dataset.was = field.dataset.shown = value;
    textIsSent(title, key, value);
  }
  if (!typed.length) fold("[data-corrections]", "[data-correct]", false);
  else if (isStill(here)) await go(here, true);
}

/** Show or hide what a button opens. */
function unfold(part, button, isOpen) {
  find(part).hidden = !isOpen;
  find(button).setAttribute("aria-expanded", String(isOpen));
}

/** Show or hide what a button opens, and go there. */
function fold(part, button, isOpen) {
  unfold(part, button, isOpen);
  (isOpen ? find(`${part} :is(textarea, input)`) : find(button)).focus();
}

const ACTS = {
  "[data-dispute]": () => fold("#why", "[data-dispute]", find("#why").hidden),
  "[data-disputed]": () => alone(() => sign("disputed")),
  "[data-correct]": () => fold("[data-corrections]", "[data-correct]", find("[data-corrections]").hidden),
  "[data-cancel]": () => { find("[data-corrections]").reset(); keepTyped(); fold("[data-corrections]", "[data-correct]", false); },
  "[data-skip]": () => go(room().dataset.skip),
  "[data-undo]": () => alone(undo),
  "[data-forget]": () => { forgetTyped(); go(location.pathname + location.search, true); },
};

document.addEventListener("click", (event) => {
  for (const [selector, act] of Object.entries(ACTS)) if (event.target.closest(`button${selector}`)) return act();
  const step = event.target.closest("#review a[href^='/review/']");
  if (!step || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(step.getAttribute("href"));
});

document.addEventListener("submit", (event) => {
  if (!event.target.closest("#review")) return;
  event.preventDefault();
  if (event.target.matches("[data-verdict]")) alone(() => sign("reviewed"));
  else if (event.target.matches("[data-corrections]")) alone(correct);
  else go(`${under("")}?which=${event.target.which.value}`);
});
document.addEventListener("change", (event) => event.target.matches("[data-which]") && event.target.form.requestSubmit());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, summary")) return;
  const back = event.key === "ArrowLeft" ? room()?.dataset.back : event.key === "ArrowRight" ? room()?.dataset.skip : "";
  if (back) return go(back);
  const button = find(`button${KEYS[event.key.toLowerCase()] ?? "[data-none]"}`);
  if (!button || button.hidden || button.disabled) return;
  event.preventDefault();
  button.click();
});
addEventListener("popstate", () => go(location.pathname + location.search, true));
// Somebody else has written into this record: what is shown may be out of date.
document.addEventListener("desk", ({ detail }) => detail.record === file() && redraw());
document.addEventListener("input", ({ target }) => {
  if (target.id === "by") sessionStorage.setItem(NAME, target.value);
  else if (target.closest("[data-corrections], [data-verdict]")) keepTyped();
});
addEventListener("beforeunload", (event) => { if (isWaiting()) event.preventDefault(); });

function begin() {
  document.getElementById("review").inert = false;
  prepareFrames(document);
  prepareLooks(document);
  keep(done());
  find(".submit")?.setAttribute("hidden", "");
  const name = find("#by");
  if (name) name.value = sessionStorage.getItem(NAME) || name.value || (localStorage.getItem(NAME) ?? "");
  const typed = putBack();
  if (typed.reason) unfold(...FOLDS[0], true);
  if (typed.texts) unfold(...FOLDS[1], true);
}

begin();
