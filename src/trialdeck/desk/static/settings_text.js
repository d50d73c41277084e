/* A settings file as text. */

import { send } from "./desk.js";

const form = document.getElementById("text-form");
const area = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const error = form.querySelector(".form-error");
const state = form.querySelector(".state");
let was = area.value;

form.addEventListener("submit", async event => {
  event.preventDefault();
  error.hidden = true;
  const text = area.value;
  const answer = await send(form.dataset.address, { text, was }, "PUT").catch(() => null);
  const told = answer ? await answer.json() : { message: "The desk does not answer", hint: "Your text is still here." };
  if (!answer?.ok) {
    error.textContent = `${told.message}. ${told.hint}`;
    if (told.now !== undefined) offer(told.now);
    error.hidden = false;
    return;
  }
  was = text;
  state.textContent = told.faults.length ? "Saved, with faults" : "Saved";
  document.getElementById("text-faults").replaceChildren(...told.faults.map(({ message, hint, line }) =>
    Object.assign(document.createElement("li"), { textContent: `Line ${line}: ${message}. ${hint}` })));
});

/** The file is another by now: the author sees it, and chooses. */
function offer(now) {
  const theirs = Object.assign(document.createElement("button"), { type: "button", textContent: "Take the text of the file" });
  const mine = Object.assign(document.createElement("button"), { type: "button", textContent: "Keep mine" });
  theirs.addEventListener("click", () => { was = area.value = now; error.hidden = true; });
  mine.addEventListener("click", () => { was = now; error.hidden = true; form.requestSubmit(); });
  error.append(" ", theirs, " ", mine);
}

area.addEventListener("input", () => { state.textContent = area.value === was ? "" : "Not saved yet"; });
addEventListener("beforeunload", event => { if (area.value !== was) event.preventDefault(); });
