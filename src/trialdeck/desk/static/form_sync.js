/* Bring the fields and the record together: what waits for the server is never overwritten. */
import { keepSentence, newSentences } from "./form_sentences.js";
import { at, fieldAt, fieldOf, namesOn, pathOf, same, show, tracked, valueOf } from "./form_values.js";
import { store } from "./stored.js";

let isPressed = false;
addEventListener("pointerdown", () => { isPressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { isPressed = false; }, true);

/** Resolve once no button of the mouse is down: what is clicked must still be there when it is let go. */
export function released() {
  if (!isPressed) return Promise.resolve();
  return new Promise((resolve) => {
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(resolve), { once: true });
  });
}

/** Give an element the focus, unless the author has gone on to write somewhere: an answer may come late. @param {HTMLElement | null | undefined} element */
export function offerFocus(element) {
  if (!document.activeElement?.matches("textarea, select, input:not([type=checkbox])")) element?.focus();
}

/** Let a field say what the record says, unless it has typed text that waits. @param {any} form @param {HTMLElement} field */
export function fill(form, field) {
  const place = form.placeOf(field);
  if (!place) return;
  const waiting = form.queue.get(place);
  const value = waiting ? waiting.value : at(form.state.data, place.path);
  if (!same(valueOf(field), value)) show(field, value);
  field.classList.toggle("waits", Boolean(waiting));
}

/** Give what waits, and what is new, the path that it has by now. @param {any} form */
export function relocate(form) {
  const { before, state } = form;
  if (state.data === null) return;
  form.queue.relocate((entry) => tracked(before, state.data, entry.path, entry.names ?? []));
  form.entries.relocate((entry) => tracked(before, state.data, entry.path, entry.names) ?? entry);
}

/** Let the fields know the names that arms and pictures have by now: they are found by them. @param {any} form */
export function rename(form) {
  if (form.state.data === null) return;
  form.drawn = form.state.data;
  for (const place of form.room.querySelectorAll(":is([data-path], [data-entry], [data-list])[data-names]")) {
    place.dataset.names = JSON.stringify(namesOn(form.state.data, pathOf(place)));
  }
}

/** Put in the form anew; the focus, what is open and the place on the page stay. @param {any} form @param {string} html */
export function replace(form, html) {
  const active = document.activeElement;
  const field = form.room.contains(active) ? fieldOf(active) : null;
  const index = field ? [...field.querySelectorAll("input, select")].indexOf(active) : -1;
  const marked = [active?.selectionStart, active?.selectionEnd];
  const where = field && form.placeOf(field)?.path;
  const kept = form.entries.opened();
  const begun = newSentences(form);
  const page = new DOMParser().parseFromString(html, "text/html");
  // What has the focus loses it here, and yet nobody has left it.
  form.entries.isReplaced = true;
  form.room.replaceChildren(...page.body.childNodes);
  form.entries.isReplaced = false;
  rename(form);
  form.entries.reopen(kept);
  for (const each of begun) keepSentence(form, each);
  const found = begun.some((each) => each.field === active && active.isConnected) ? active : where && fieldAt(where);
  const again = index < 0 ? found : found?.querySelectorAll("input, select")[index];
  if (!again || document.querySelector("dialog[open]")) return;
  again.focus({ preventScroll: true });
  if (typeof marked[0] !== "number" || !again.matches("textarea, input:not([type=checkbox])")) return;
  // The text is not in the field yet if it waits to be saved.
  fill(form, found);
  again.setSelectionRange(marked[0], marked[1]);
}

/** Return the record as this page has last seen it before it was loaded anew: what waits has its place in that. @param {any} form */
export function lastSeen(form) {
  const seen = JSON.parse(sessionStorage.getItem(`desk-seen:${form.file}`) ?? "null");
  sessionStorage.removeItem(`desk-seen:${form.file}`);
  return seen;
}

/** The page is closed: what waits is sent once more, without waiting for the answer. @param {any} form */
export function sendLast(form) {
  if (form.queue.size) store(`desk-seen:${form.file}`, form.state.data ?? form.before);
  const changes = form.queue.entries.filter((entry) => !entry.held).map(({ path, names, value, was }) => ({ path, names, value, was }));
  if (!changes.length) return;
  const headers = { "Content-Type": "application/json" };
  fetch(form.address, { method: "POST", keepalive: true, headers, body: JSON.stringify({ changes }) }).catch(() => {});
}
