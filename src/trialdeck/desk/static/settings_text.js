/* A settings file as text; what is typed is kept in this window until it is saved. */

import { send, sentence } from "./desk.js";
import { store } from "./stored.js";

const form = document.getElementById("text-form");
const area = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const error = form.querySelector(".form-error");
const state = form.querySelector(".state");
const kept = `settings-text:${form.dataset.address}`;
let was = area.value;
/** One save after the other: each is compared with what the one before has written. */
let saving = Promise.resolve();

function keep() {
  const isTyped = area.value !== was;
  state.textContent = isTyped ? "Not saved yet" : "";
  store(kept, isTyped ? { text: area.value, was } : null);
}

async function save() {
  error.hidden = true;
  const text = area.value;
  const answer = await send(form.dataset.address, { text, was }, "PUT").catch(() => null);
  const told = answer ? await answer.json() : { message: "The desk does not answer", hint: "Your text is still here." };
  if (!answer?.ok) {
    error.textContent = [told.message, told.hint].map(sentence).join(" ");
    if (told.now !== undefined) offer(told.now);
    error.hidden = false;
    return;
  }
  was = text;
  keep();
  if (area.value === was) state.textContent = told.faults.length ? "Saved, with faults" : "Saved";
  document.getElementById("text-faults").replaceChildren(...told.faults.map(({ message, hint, line }) =>
    Object.assign(document.createElement("li"), { textContent: `Line ${line}: ${message}. ${sentence(hint)}` })));
}

form.addEventListener("submit", event => {
  event.preventDefault();
  saving = saving.then(save);
});

/** The file is another by now: the author sees it, and chooses. */
function offer(now) {
  const theirs = Object.assign(document.createElement("button"), { type: "button", textContent: "Take the text of the file" });
  const mine = Object.assign(document.createElement("button"), { type: "button", textContent: "Keep mine" });
  theirs.addEventListener("click", () => { was = area.value = now; error.hidden = true; keep(); });
  mine.addEventListener("click", () => { was = now; error.hidden = true; keep(); form.requestSubmit(); });
  error.append(" ", theirs, " ", mine);
}

area.addEventListener("input", keep);
addEventListener("beforeunload", event => { if (area.value !== was) event.preventDefault(); });
const typed = JSON.parse(sessionStorage.getItem(kept) ?? "null");
if (typed) [area.value, was] = [typed.text, typed.was];
keep();
form.inert = false;
