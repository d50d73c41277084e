/* Home: find trials in the list, and read it anew when something has changed on disk. */

import { send, toast } from "./desk.js";
import { store } from "./stored.js";

const section = document.getElementById("trials");
const place = section.querySelector("[data-trials]");
const working = section.querySelector(".working");
const KEPT = "desk-home";
/** What the stages of reading are called here. */
const STAGES = { "reading records": "Reading the trials", "appraising records": "Looking at their cards" };

const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const number = (row, name) => Number(row.dataset[name]);
const IS_SHOWN = {
  "": () => true,
  errors: row => number(row, "errors") > 0,
  warnings: row => number(row, "warnings") > 0,
  unreviewed: row => number(row, "unreviewed") > 0,
  disputed: row => number(row, "disputed") > 0,
  unbuilt: row => !row.dataset.edition,
};
const SORTED = {
  "": () => 0,
  faults: (one, other) => number(other, "errors") - number(one, "errors") || number(other, "warnings") - number(one, "warnings"),
  review: (one, other) => number(other, "unreviewed") - number(one, "unreviewed"),
  edition: (one, other) => other.dataset.edition.localeCompare(one.dataset.edition),
};

/** Make the list of trials, as it is now on the page, findable. */
function begin() {
  const form = place.querySelector("[data-filter]");
  if (!form) return;
  const list = place.querySelector(".trial-list");
  const rows = [...list.children].map(row => [row, folded(row.querySelector(".trial-name").textContent)]);
  const output = form.querySelector("output");
  const none = place.querySelector(".none-found");
  let sorted = "";

  const filter = () => {
    const words = folded(form.find.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [row, text] of rows) {
      row.hidden = !(IS_SHOWN[form.only.value](row) && words.every(word => text.includes(word)));
      count += row.hidden ? 0 : 1;
    }
    if (form.sort.value !== sorted) {
      sorted = form.sort.value;
      list.append(...rows.map(([row]) => row).sort(SORTED[sorted]));
    }
    output.value = count === rows.length ? `${count} ${count === 1 ? "trial" : "trials"}` : `${count} of ${rows.length} trials`;
    none.hidden = count > 0;
    store(KEPT, { find: form.find.value, only: form.only.value, sort: form.sort.value });
  };
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
  for (const [name, value] of Object.entries(kept)) form[name].value = value;
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", filter);
  none.querySelector("[data-all]").addEventListener("click", () => {
    form.reset();
    filter();
    form.find.focus();
  });
  place.querySelector("[data-only]")?.addEventListener("click", event => {
    event.preventDefault();
    form.only.value = "errors";
    filter();
    list.querySelector("li:not([hidden]) a")?.focus();
  });
  filter();
}

let isReading = false;
let isStale = section.hasAttribute("data-stale");

/** Read the list anew, with its progress, until it is as the disk is. */
async function read() {
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    try {
      for await (const told of lines(await fetch(`/trials?have=${section.dataset.state}`))) {
        if (told.html !== undefined) replace(told);
        else if (told.total) show(told);
      }
    } catch {
      isStale = true;
      await new Promise(done => setTimeout(done, 1000));
    }
  }
  working.hidden = true;
  isReading = false;
}

/** @param {{stage: string, done: number, total: number}} told */
function show(told) {
  const bar = working.querySelector("progress");
  bar.max = told.total;
  bar.value = told.done;
  working.querySelector("span").textContent = `${STAGES[told.stage] ?? told.stage}: ${told.done} of ${told.total}`;
  working.hidden = false;
}

/** @param {{html: string, state: string}} told */
function replace({ html, state }) {
  const focused = document.activeElement;
  const field = focused?.closest("[data-filter]") ? focused.id : "";
  const caret = focused?.selectionStart;
  const address = focused?.closest(".trial-list") ? focused.getAttribute("href") : "";
  place.innerHTML = html;
  section.dataset.state = state;
  begin();
  if (field) document.getElementById(field)?.focus();
  if (field === "find") document.getElementById("find").setSelectionRange(caret, caret);
  if (address) place.querySelector(`.trial-list a[href="${CSS.escape(address)}"]`)?.focus();
}

/** @param {Response} answer */
async function* lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts.filter(Boolean).map(part => JSON.parse(part));
  }
}

for (const button of document.querySelectorAll("[data-restore]")) {
  button.addEventListener("click", () => bringBack(button.dataset.restore));
  button.disabled = false;
}

/** @param {string} record */
async function bringBack(record) {
  const answer = await send("/removal", { record }, "DELETE").catch(() => null);
  const told = await answer?.json();
  if (answer?.ok) location.assign(told.address);
  else toast(told ? `${told.message}: ${told.hint}` : "The desk does not answer.");
}

let timer = 0;
document.addEventListener("desk", event => {
  const { record, file, connected } = event.detail;
  if (!record && !file && !connected) return;
  isStale = true;
  clearTimeout(timer);
  timer = setTimeout(read, 300);
});
begin();
if (isStale) read();
