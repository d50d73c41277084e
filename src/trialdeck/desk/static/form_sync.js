/* Bring the fields and the record together: what waits for the server is never overwritten. */
import { keepSentence, newSentences } from "./form_sentences.js";
import { at, fieldAt, fieldOf, namesOf, namesOn, pathOf, relocated, same, show, tracked, valueOf } from "./form_values.js";

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

/** Let a field say what the record says, unless it has typed text that waits. @param {any} form @param {HTMLElement} field */
export function fill(form, field) {
  const path = relocated(form.state.data, pathOf(field), namesOf(field));
  if (!path) return;
  const waiting = form.queue.get(path);
  const value = waiting ? waiting.value : at(form.state.data, path);
  if (!same(valueOf(field), value)) show(field, value);
  field.classList.toggle("waits", Boolean(waiting));
}

/** Give what waits the path that its value has by now. @param {any} form */
export function relocate(form) {
  for (const entry of form.queue.entries) {
    const place = tracked(form.before, form.state.data, entry.path, entry.names ?? []);
    if (place) form.queue.move(entry, place);
  }
}

/** Let the fields know the names that arms and pictures have by now: they are found by them. @param {any} form */
export function rename(form) {
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
  const where = field && tracked(form.before, form.state.data, pathOf(field), namesOf(field))?.path;
  const kept = form.entries.opened();
  const begun = newSentences(form);
  const page = new DOMParser().parseFromString(html, "text/html");
  // What has the focus loses it here, and yet nobody has left it.
  form.entries.isReplaced = true;
  form.room.replaceChildren(...page.body.childNodes);
  form.entries.isReplaced = false;
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

/** The page is closed: what waits is sent once more, without waiting for the answer. @param {any} form */
export function sendLast(form) {
  const changes = form.queue.entries.filter((entry) => !entry.held).map(({ path, names, value, was }) => ({ path, names, value, was }));
  if (!changes.length) return;
  const headers = { "Content-Type": "application/json" };
  fetch(form.address, { method: "POST", keepalive: true, headers, body: JSON.stringify({ changes }) }).catch(() => {});
}
