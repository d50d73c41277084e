/* Sentences with gaps: each is a property with an id of its own. */
import { at, keyOf, namesOf, pathOf, tracked } from "./form_values.js";

/** Add a sentence with gaps. @param {any} entries @param {HTMLElement} room @param {string} text @returns {HTMLTextAreaElement} */
export function addStatement(entries, room, text) {
  const list = JSON.parse(room.dataset.statements);
  const known = Object.keys(at(entries.form.state.data, list) ?? {});
  let number = known.length + 1;
  while (known.includes(`sentence-${number}`) || entries.fresh.has(`${keyOf(list)} sentence-${number}`)) number += 1;
  entries.fresh.add(`${keyOf(list)} sentence-${number}`);
  const field = document.createElement("textarea");
  Object.assign(field.dataset, { path: keyOf([...list, `sentence-${number}`]), names: room.dataset.names, kind: "prose", marked: "", gaps: "" });
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
  const path = pathOf(field);
  await entries.form.queue.flush();
  await entries.form.act({ changes: [{ path, names: namesOf(field), value: null, was: at(entries.form.state.data, path) }] });
  entries.reveal(path.slice(0, -2));
}

/** Return the sentences that were begun and that no record has yet: they stand in this page alone. @param {any} form */
export function newSentences(form) {
  return [...form.room.querySelectorAll("textarea[data-gaps]:not([id])")].map((field) => {
    const list = pathOf(field).slice(0, -1);
    return { box: field.parentElement, field, list: tracked(form.before, form.state.data, list, namesOf(field)) };
  });
}

/** Put a sentence that was begun back into its question, unless the form that was put in anew has it. */
export function keepSentence(form, { box, field, list }) {
  const room = list && form.room.querySelector(`[data-statements='${keyOf(list.path)}']`);
  const path = list && [...list.path, pathOf(field).at(-1)];
  if (!room || room.querySelector(`[data-path='${keyOf(path)}']`)) return;
  Object.assign(field.dataset, { path: keyOf(path), names: JSON.stringify(list.names) });
  room.querySelector("[data-add-statement]").before(box);
}
