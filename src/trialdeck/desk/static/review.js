/* Review item by item: sign, dispute, correct, skip, undo, with a mouse or by keys. */
import { prepareFrames, prepareLooks } from "./card_frame.js";
import { send, toast } from "./desk.js";

const NAME = "desk-reviewer";
const DONE = "desk-review-done";
const KEYS = { y: "[data-right]", d: "[data-dispute]", c: "[data-correct]", s: "[data-skip]", u: "[data-undo]" };
let latest = 0;

const find = (selector) => document.querySelector(`#review ${selector}`);
const room = () => document.querySelector(".review-item");
const file = () => document.getElementById("review").dataset.file;
const under = (part) => `/review/${part}${file().split("/").map(encodeURIComponent).join("/")}`;

/** @returns {{file: string, address: string, changes: object[], what: string}[]} what can be taken back, the last one last */
function done() {
  return JSON.parse(sessionStorage.getItem(DONE) ?? "[]");
}

function keep(list) {
  sessionStorage.setItem(DONE, JSON.stringify(list.slice(-200)));
  for (const button of document.querySelectorAll("[data-undo]")) button.hidden = !list.length;
}

/** Show another item. @param {string} address @param {boolean} [isBack] whether it is in the history already */
async function go(address, isBack = false) {
  const own = ++latest;
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (own !== latest) return;
  const next = page.getElementById("review");
  if (!answer.ok || !next) return location.assign(address);
  const by = find("#by")?.value;
  document.getElementById("review").replaceWith(document.adoptNode(next));
  if (by && find("#by")) find("#by").value = by;
  document.title = page.title;
  if (!isBack) history.pushState(null, "", address);
  begin();
  find("h1").focus({ preventScroll: true });
  scrollTo({ top: 0 });
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
  try {
    const answer = await send(address, body);
    const said = await answer.json();
    if (!answer.ok) return complain(said), null;
    if (what) keep([...done(), { file: file(), address: location.pathname + location.search, changes: said.undo, what }]);
    return said;
  } catch {
    return complain({ message: "The desk does not answer", hint: "nothing was written; try again when it is back" }), undefined;
  }
}

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
  const said = await change(under(""), {
    entry: JSON.parse(item.dataset.entry), seen: item.dataset.seen, verdict, by, as_of: form.as_of?.value ?? "",
    reason: form.reason.value, which: item.dataset.which, at: Number(item.dataset.at),
  }, verdict === "reviewed" ? "the signature" : "the dispute");
  if (said) go(said.next);
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
  go(last.address);
}

async function correct() {
  const entry = JSON.parse(room().dataset.entry);
  const changed = [...find("[data-corrections]").querySelectorAll("[data-path]")].filter((field) => field.value !== field.dataset.was);
  for (const field of changed) {
    const body = { entry, path: JSON.parse(field.dataset.path), was: field.dataset.was, value: field.value };
    if (!(await change(under("correct/"), body, "the new text"))) return field.focus();
    field.dataset.was = field.value;
  }
  if (changed.length) go(location.pathname + location.search, true);
  else fold("[data-corrections]", "[data-correct]", false);
}

/** Show or hide what a button opens. */
function fold(part, button, isOpen) {
  find(part).hidden = !isOpen;
  find(button).setAttribute("aria-expanded", String(isOpen));
  (isOpen ? find(`${part} :is(textarea, input)`) : find(button)).focus();
}

const ACTS = {
  "[data-dispute]": () => fold("#why", "[data-dispute]", find("#why").hidden),
  "[data-disputed]": () => sign("disputed"),
  "[data-correct]": () => fold("[data-corrections]", "[data-correct]", find("[data-corrections]").hidden),
  "[data-cancel]": () => { find("[data-corrections]").reset(); fold("[data-corrections]", "[data-correct]", false); },
  "[data-skip]": () => go(room().dataset.skip),
  "[data-undo]": undo,
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
  if (event.target.matches("[data-verdict]")) sign("reviewed");
  else if (event.target.matches("[data-corrections]")) correct();
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
document.addEventListener("desk", ({ detail }) => {
  const isTyped = [...document.querySelectorAll("#review textarea, #review [data-was]")].some((field) => field.value !== (field.dataset.was ?? field.defaultValue));
  if (detail.record === file() && !isTyped) go(location.pathname + location.search, true);
});

function begin() {
  prepareFrames(document);
  prepareLooks(document);
  keep(done());
  find(".submit")?.setAttribute("hidden", "");
  const name = find("#by");
  if (name && !name.value) name.value = localStorage.getItem(NAME) ?? "";
}

begin();
