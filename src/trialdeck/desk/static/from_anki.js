/* From Anki: decide about each edit; what was decided is kept in this window until it is written. */
import { send } from "./desk.js";
import { store } from "./stored.js";

for (const section of document.querySelectorAll(".edits")) begin(section);

/** @param {HTMLElement} section */
function begin(section) {
  const form = section.querySelector("form");
  const button = form.querySelector("button[type=submit]");
  if (!button) return;
  const notes = [...form.querySelectorAll(".edit-note")];
  const kept = `desk-${section.dataset.address}`;

  /** What was decided: by the name of a note, and other words by the name of a text. */
  const decided = () => {
    const found = { accepted: [], declined: [], texts: {} };
    for (const note of notes) {
      const answer = note.querySelector("input[type=radio]:checked")?.value;
      if (answer === "decline") found.declined.push(note.dataset.note);
      if (answer === "accept" || answer === "edit") found.accepted.push(note.dataset.note);
      if (answer !== "edit") continue;
      for (const field of note.querySelectorAll("[data-text]")) {
        if (field.value !== field.dataset.was) found.texts[field.dataset.text] = field.value;
      }
    }
    return found;
  };
  const show = () => {
    const { accepted, declined } = decided();
    for (const note of notes) {
      note.querySelector(".own-words").hidden = note.querySelector("input[type=radio]:checked")?.value !== "edit";
    }
    button.disabled = !accepted.length && !declined.length;
    const parts = [`${accepted.length} accepted`];
    if (section.dataset.way === "suggestions") parts.push(`${declined.length} declined`);
    form.querySelector("output").value = `${parts.join(", ")} of ${notes.length}`;
    keep(notes);
  };
  /** Keep the decisions about some notes, and all words. */
  const keep = some => {
    const answers = Object.fromEntries(some.map(note => [note.dataset.note, note.querySelector("input:checked")?.value ?? ""]));
    const texts = Object.fromEntries([...form.querySelectorAll("[data-text]")].map(field => [field.dataset.text, field.value]));
    store(kept, { answers, texts });
  };
  const former = JSON.parse(sessionStorage.getItem(kept) || "{}");
  for (const note of notes) {
    const answer = former.answers?.[note.dataset.note];
    for (const field of note.querySelectorAll("input[type=radio]")) if (field.value === answer) field.checked = true;
    for (const field of note.querySelectorAll("[data-text]")) field.value = former.texts?.[field.dataset.text] ?? field.value;
  }
  form.addEventListener("change", event => {
    show();
    if (event.target.value === "edit") event.target.closest(".edit-note").querySelector("textarea")?.focus();
  });
  form.addEventListener("input", show);
  form.querySelector("[data-accept-all]")?.addEventListener("click", () => {
    for (const note of notes) if (!note.querySelector(".pill.odd")) note.querySelector("[value=accept]").checked = true;
    show();
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const error = form.querySelector("[data-error]");
    const sent = decided(), isSent = note => [...sent.accepted, ...sent.declined].includes(note.dataset.note);
    // While this is written, nothing else can be decided, nor written again.
    form.inert = true;
    error.hidden = true;
    try {
      const answer = await send(section.dataset.address, sent);
      if (answer.ok) {
        keep(notes.filter(note => !isSent(note)));
        section.innerHTML = await answer.text();
        section.querySelector("[data-again]").addEventListener("click", () => location.reload());
        section.querySelector("h2").focus();
        return;
      }
      const told = await answer.json();
      error.textContent = `${told.message}${told.hint ? `: ${told.hint}` : ""}`;
    } catch {
      error.textContent = "The desk does not answer. What you decided is kept here: start it again, and write it then.";
    }
    error.hidden = false;
    form.inert = false;
    button.focus();
  });
  show();
  form.inert = false;
}
