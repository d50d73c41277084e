/* Dialogs about an entry: why it is retired, what its id shall be. */
import { at, namesOf, pathOf } from "./form_values.js";

/** Show a dialog, and return the button that closed it. @param {string} id @returns {Promise<string>} */
export function ask(id) {
  const dialog = document.getElementById(id);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

/** Ask since when, why, and what replaces an entry. @param {any} form @param {HTMLElement} button */
export async function retire(form, button) {
  const entry = (form.placeOf(button)?.path ?? pathOf(button)).slice(0, -1);
  const others = at(form.state.data, entry.slice(0, -1)).filter((each, index) => index !== entry.at(-1) && each?.id && !each.retired);
  const on = document.getElementById("retire-on");
  on.value = new Date().toLocaleDateString("sv");
  document.getElementById("retire-reason").value = "";
  document.getElementById("retire-instead").replaceChildren(new Option(""), ...others.map((each) => new Option(each.id)));
  if ((await ask("ask-retire")) !== "yes") return;
  const [reason, instead] = ["retire-reason", "retire-instead"].map((id) => document.getElementById(id).value);
  const value = { on: on.value, reason, instead };
  if (await form.entries.actOn(button, (place) => ({ changes: [{ ...place, value, was: null }] }))) form.entries.reveal(entry);
}

/** Ask for another id. @param {any} form @param {HTMLElement} button */
export async function rename(form, button) {
  const path = JSON.parse(button.dataset.rename);
  const field = document.getElementById("rename-id");
  field.value = button.dataset.id;
  document.getElementById("rename-history").checked = Boolean(button.dataset.id);
  if ((await ask("ask-rename")) !== "yes") return;
  const history = document.getElementById("rename-history").checked;
  if (await form.act(() => ({ rename: { path, names: namesOf(button), id: field.value.trim(), history } }))) form.entries.reveal([...path, "id"]);
}
