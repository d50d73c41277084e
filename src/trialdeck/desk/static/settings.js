/* Settings: forms that are saved as a whole, a count of what a deck takes, and no text that gets lost. */

import { send, toast } from "./desk.js";

/** @typedef {{path: string[], value: unknown}} Value */

/**
 * Read the value of a field as JSON: a text, a truth value, a list or a mapping of texts; null for nothing.
 * @param {HTMLElement} field
 */
function read(field) {
  const text = () => /** @type {HTMLInputElement} */ (field).value;
  const inputs = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (field.querySelectorAll("input"))];
  switch (field.dataset.control) {
    case "tick": return /** @type {HTMLInputElement} */ (field).checked || null;
    case "ticks": return inputs().filter(box => box.checked).map(box => box.value);
    case "lines": return text().split("\n").map(line => line.trim()).filter(Boolean);
    case "pairs": return Object.fromEntries(inputs().filter((_, at) => at % 2 === 0 && inputs()[at].value.trim())
      .map(name => [name.value.trim(), /** @type {HTMLInputElement} */ (name.nextElementSibling).value.trim()]));
    default: return text().trim() || null;
  }
}

/** Write a value into a field. */
function write(field, value) {
  const boxes = field.querySelectorAll("input");
  if (field.dataset.control === "tick") field.checked = Boolean(value);
  else if (field.dataset.control === "ticks") for (const box of boxes) box.checked = (value ?? []).includes(box.value);
  else if (field.dataset.control === "lines") field.value = (value ?? []).join("\n");
  else if (field.dataset.control !== "pairs") field.value = value ?? "";
}

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
const empty = value => value === null || (typeof value === "object" && Object.keys(value).length === 0);

for (const form of document.querySelectorAll(".settings-form")) {
  const fields = [...form.querySelectorAll("[data-path]")];
  const first = new Map(fields.map(field => [field.dataset.path, read(field)]));
  const key = `settings:${form.dataset.address}`;
  const error = form.querySelector(".form-error");
  const state = form.querySelector(".state");
  const conflict = form.querySelector(".conflict");
  const count = document.getElementById("count");
  let asked = 0;

  const changed = () => fields.filter(field => !same(read(field), first.get(field.dataset.path))
    && !(empty(read(field)) && empty(first.get(field.dataset.path) ?? null)));
  const values = () => changed().map(field =>
    ({ path: field.dataset.path.split("."), value: read(field), was: first.get(field.dataset.path) }));

  /** Show the faults beside their fields, and those of no field at the end of the form. */
  function blame(faults) {
    const others = [];
    for (const place of form.querySelectorAll("[data-fault]")) place.hidden = true;
    for (const { path, message, hint } of faults) {
      const names = path.map((_, end) => path.slice(0, path.length - end).join("."));
      const place = names.map(name => form.querySelector(`[data-fault="${CSS.escape(name)}"]`)).find(Boolean);
      const text = [message, hint].filter(Boolean).map(part => `${part[0].toUpperCase()}${part.slice(1)}.`).join(" ");
      if (!place) others.push(text);
      else [place.textContent, place.hidden] = [text, false];
    }
    for (const field of fields) {
      const place = form.querySelector(`[data-fault="${CSS.escape(field.dataset.path)}"]`);
      field.toggleAttribute("aria-invalid", !place.hidden);
      if (!place.hidden) field.setAttribute("aria-invalid", "true");
    }
    return others;
  }

  /** What has been typed is kept in this window, until it is saved or taken back. */
  function keep() {
    const typed = values();
    form.querySelector(".undo").hidden = !typed.length;
    state.textContent = typed.length ? "Not saved yet" : "";
    if (typed.length) sessionStorage.setItem(key, JSON.stringify(typed));
    else sessionStorage.removeItem(key);
  }

  async function recount() {
    if (!count) return;
    const number = ++asked;
    const answer = await send(form.dataset.address.replace(/(\?|$)/, "/count$1"), { values: values() });
    if (!answer.ok || number !== asked) return;
    const told = await answer.json();
    count.innerHTML = told.html;
    // A new deck without id and name is not wrong yet.
    blame(form.dataset.exists === "true" ? told.faults : told.faults.filter(fault => fault.path.length));
  }

  async function save() {
    error.hidden = conflict.hidden = true;
    const typed = values();
    if (!typed.length) return void (state.textContent = "Nothing has changed");
    const answer = await send(form.dataset.address, { values: typed }, "PUT");
    const told = await answer.json();
    if (answer.ok) {
      sessionStorage.removeItem(key);
      for (const { path, value } of typed) first.set(path.join("."), value);
      blame([]);
      keep();
      if (!values().length) state.textContent = "Saved";
      if (form.dataset.exists === "false") location.assign(told.address);
      return;
    }
    if (told.now) return ask(told.now);
    const others = blame(told.faults ?? []);
    if (others.length || !told.faults?.length) {
      error.textContent = others.join(" ") || `${told.message}. ${told.hint}`;
      error.hidden = false;
    }
    form.querySelector("[aria-invalid]")?.focus();
  }

  /** Somebody has changed the same value meanwhile: both are shown, and the author chooses. */
  function ask(now) {
    conflict.replaceChildren("Somebody has changed the same meanwhile, in another window or in the file:");
    for (const { path, value } of now) {
      const field = fields.find(each => each.dataset.path === path.join("."));
      const line = document.createElement("p");
      const mine = document.createElement("button");
      const theirs = document.createElement("button");
      [mine.type, theirs.type] = ["button", "button"];
      [mine.textContent, theirs.textContent] = ["Keep mine", `Take “${value ?? "nothing"}”`];
      mine.addEventListener("click", () => { first.set(path.join("."), value); line.remove(); done(); });
      theirs.addEventListener("click", () => { first.set(path.join("."), value); write(field, value); line.remove(); done(); });
      line.append(`${path.at(-1)}: `, theirs, " ", mine);
      conflict.append(line);
    }
    const done = () => { if (!conflict.querySelector("p")) { conflict.hidden = true; keep(); save(); } };
    conflict.hidden = false;
    conflict.querySelector("button").focus();
  }

  const reached = () => { keep(); recount(); };
  form.addEventListener("input", reached);
  form.addEventListener("submit", event => { event.preventDefault(); save().catch(() => {
    error.textContent = "The desk does not answer. What you typed is kept in this window.";
    error.hidden = false;
  }); });
  form.addEventListener("reset", () => setTimeout(() => {
    for (const [path, value] of first) write(fields.find(field => field.dataset.path === path), value);
    error.hidden = conflict.hidden = true;
    blame([]);
    reached();
  }));
  addEventListener("beforeunload", event => { if (values().length && sessionStorage.getItem(key)) event.preventDefault(); });
  for (const { path, value } of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
    const field = fields.find(each => each.dataset.path === path.join("."));
    if (field) write(field, value);
  }
  keep();
}

const list = document.querySelector("[data-counts=true]");
if (list) {
  const counts = await (await fetch("/settings/counts")).json();
  for (const place of list.querySelectorAll("[data-count]")) place.textContent = counts[place.dataset.count] ?? "";
}

document.getElementById("remove")?.addEventListener("click", async event => {
  const button = event.currentTarget;
  const answer = await send(button.dataset.address, {}, "DELETE");
  const told = await answer.json();
  if (answer.ok) return location.assign(told.address);
  const error = document.getElementById("remove-error");
  [error.textContent, error.hidden] = [`${told.message}. ${told.hint}`, false];
});

document.getElementById("restore")?.addEventListener("click", async () => {
  const answer = await send("/decks/restore", {});
  const told = await answer.json();
  if (answer.ok) location.assign(told.address);
  else toast(`${told.message}. ${told.hint}`);
});
