/* Sentences with gaps: each is a property with an id of its own. */
import { at, keyOf, namesOf, pathOf } from "./form_values.js";

/** Add a sentence with gaps. @param {any} entries @param {HTMLElement} room @param {string} text @returns {HTMLTextAreaElement} */
export function addStatement(entries, room, text) {
  // Until its words give it an id: one that no other window gives to a sentence of the same question.
  const path = [...JSON.parse(room.dataset.statements), `sentence-${crypto.randomUUID().slice(0, 8)}`];
  entries.fresh.push({ path, names: namesOf(room) });
  const field = document.createElement("textarea");
  Object.assign(field.dataset, { path: keyOf(path), names: room.dataset.names, kind: "prose", marked: "", gaps: "" });
  field.rows = 1;
  field.setAttribute("aria-label", "New sentence with gaps");
  const place = document.createElement("div");
  place.className = "statement";
  place.append(field);
  room.querySelector("[data-add-statement]").before(place);
  field.value = text;
  field.focus();
  if (text) field.dispatchEvent(new Event("input", { bubbles: true }));
  return field;
}

/** @param {any} entries @param {HTMLElement} place */
export async function removeStatement(entries, place) {
  const field = place.querySelector("textarea");
  let where = null;
  await entries.actOn(field, (found) => {
    where = found;
    return { changes: [{ ...where, value: null, was: at(entries.form.state.data, where.path) }] };
  });
  if (where) entries.reveal(where.path.slice(0, -2));
}

/** Return the sentences that were begun and that no record has yet: they stand in this page alone. @param {any} form */
export function newSentences(form) {
  return [...form.room.querySelectorAll("textarea[data-gaps]:not([id])")].map((field) => {
    return { box: field.parentElement, field, place: form.placeOf(field) };
  });
}

/** Put a sentence that was begun back into its question, unless the form that was put in anew has it. */
export function keepSentence(form, { box, field, place }) {
  const room = place && form.room.querySelector(`[data-statements='${keyOf(place.path.slice(0, -1))}']`);
  if (!room || room.querySelector(`[data-path='${keyOf(place.path)}']`)) return;
  Object.assign(field.dataset, { path: keyOf(place.path), names: JSON.stringify(place.names) });
  room.querySelector("[data-add-statement]").before(box);
}
