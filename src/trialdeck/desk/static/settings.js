/* Settings: forms that are saved as a whole, a count of what a deck takes, and no text that gets lost. */

import { send, sentence, toast } from "./desk.js";
import { grow, inWords, read, write } from "./settings_fields.js";
import { store } from "./stored.js";

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
const empty = value => value === null || (typeof value === "object" && Object.keys(value).length === 0);

for (const form of document.querySelectorAll(".settings-form")) {
  // Of each field: what it shows and what the file says as long as nothing is typed, and what the author has typed over.
  const entries = [...form.querySelectorAll("[data-path]")].map(field => {
    const file = JSON.parse(field.dataset.was);
    return { field, path: field.dataset.path.split("."), shown: read(field), file, was: file };
  });
  const key = `settings:${form.dataset.address}`;
  const error = form.querySelector(".form-error");
  const state = form.querySelector(".state");
  const conflict = form.querySelector(".conflict");
  const count = document.getElementById("count");
  let asked = 0;
  let isLeaving = false;
  /** One save after the other: each is compared with what the one before has written. */
  let saving = Promise.resolve();

  const isChanged = ({ field, shown }) => !same(read(field), shown) && !(empty(read(field)) && empty(shown));
  const values = () => entries.filter(isChanged).map(({ field, path, was }) => ({ path, value: read(field), was }));
  const entryOf = path => entries.find(entry => same(entry.path, path));
  /** The file has a value by now, which the field would show so. */
  const settle = (entry, value, shown) => Object.assign(entry, { shown, file: value, was: value });

  /** Show the faults beside their fields, and those of no field at the end of the form. */
  function blame(faults) {
    const others = [];
    for (const place of form.querySelectorAll("[data-fault]")) place.hidden = true;
    for (const { path, message, hint } of faults) {
      const names = path.map((_, end) => path.slice(0, path.length - end).join("."));
      const place = names.map(name => form.querySelector(`[data-fault="${CSS.escape(name)}"]`)).find(Boolean);
      const text = [message, hint].filter(Boolean).map(sentence).join(" ");
      if (!place) others.push(text);
      else [place.textContent, place.hidden] = [text, false];
    }
    for (const { field } of entries) {
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
    store(key, typed.length ? typed : null);
  }

  async function recount() {
    if (!count) return;
    const number = ++asked;
    const answer = await send(form.dataset.address.replace(/(\?|$)/, "/count$1"), { values: values() }).catch(() => null);
    const told = answer?.ok ? await answer.json() : null;
    if (!told || number !== asked) return;
    count.innerHTML = told.html;
    // A new deck without id and name is not wrong yet.
    blame(form.dataset.exists === "true" ? told.faults : told.faults.filter(fault => fault.path.length));
  }

  /** Say which fields that are needed are empty, if any. */
  function lack() {
    const empty = [...form.querySelectorAll("[required]")].filter(field => !field.value.trim());
    if (!empty.length) return false;
    error.textContent = `Fill in: ${empty.map(field => field.closest("[data-label]").dataset.label).join(", ")}.`;
    error.hidden = false;
    empty[0].focus();
    return true;
  }

  async function save() {
    if (isLeaving) return;
    error.hidden = conflict.hidden = true;
    const typed = values();
    if (!typed.length) return lack() || void (state.textContent ||= "Nothing has changed");
    const answer = await send(form.dataset.address, { values: typed }, "PUT");
    const told = await answer.json();
    if (answer.ok) {
      for (const { path, value } of typed) settle(entryOf(path), value, value);
      blame([]);
      keep();
      if (!values().length) state.textContent = "Saved";
      if (form.dataset.exists === "false") leave(told.address);
      else recount();
      return;
    }
    if (told.now) return ask(told.now);
    const others = blame(told.faults ?? []);
    if (others.length || !told.faults?.length) {
      error.textContent = others.join(" ") || [told.message, told.hint].map(sentence).join(" ");
      error.hidden = false;
    }
    form.querySelector("[aria-invalid]")?.focus();
  }

  const submit = () => {
    saving = saving.then(save).catch(() => {
      error.textContent = "The desk does not answer. What you typed is kept in this window.";
      error.hidden = false;
    });
  };

  /** Go to the page of what was made; what was typed while it was made comes along. */
  function leave(address) {
    form.dataset.exists = "true";
    isLeaving = address.startsWith("/decks/");
    const later = isLeaving ? values() : [];
    if (later.length) {
      store(key, null);
      store(`settings:${address}`, later);
    }
    location.assign(address);
  }

  /** Somebody has changed the same value meanwhile: both are shown, and the author chooses. */
  function ask(now) {
    conflict.replaceChildren("Somebody has changed the same meanwhile, in another window or in the file:");
    for (const { path, value } of now) {
      const entry = entryOf(path);
      const { field } = entry;
      const line = document.createElement("p");
      const name = Object.assign(document.createElement("b"), { textContent: field.closest("[data-label]").dataset.label });
      const mine = Object.assign(document.createElement("button"), { type: "button", textContent: "Keep mine" });
      const theirs = Object.assign(document.createElement("button"), { type: "button", textContent: "Take theirs" });
      const choose = isMine => {
        const typed = read(field);
        write(field, value);
        settle(entry, value, read(field));
        if (isMine) write(field, typed);
        line.remove();
        keep();
        if (conflict.querySelector("p")) return conflict.querySelector("button").focus();
        conflict.hidden = true;
        submit();
      };
      mine.addEventListener("click", () => choose(true));
      theirs.addEventListener("click", () => choose(false));
      line.append(name, ` is now: ${inWords(field, value)} `, theirs, mine);
      conflict.append(line);
    }
    conflict.hidden = false;
    conflict.querySelector("button").focus();
  }

  const reached = () => { keep(); recount(); };
  form.addEventListener("input", () => {
    for (const field of form.querySelectorAll("[data-control=pairs]")) grow(field);
    reached();
  });
  form.addEventListener("submit", event => { event.preventDefault(); submit(); });
  form.addEventListener("reset", () => setTimeout(() => {
    for (const entry of entries) {
      write(entry.field, entry.file);
      entry.was = entry.file;
    }
    error.hidden = conflict.hidden = true;
    blame([]);
    reached();
  }));
  addEventListener("beforeunload", event => { if (values().length && !isLeaving) event.preventDefault(); });
  for (const { path, value, was } of JSON.parse(sessionStorage.getItem(key) ?? "[]")) {
    const entry = entryOf(path);
    if (!entry) continue;
    write(entry.field, value);
    // What was typed over, not what is there by now: somebody else may have changed it since.
    entry.was = was;
  }
  keep();
  form.inert = false;
}

/** Say how much each deck takes, once all records are read; nothing on the page waits for it. @param {Element} list */
async function showCounts(list) {
  const answer = await fetch("/settings/counts").catch(() => null);
  const counts = answer?.ok ? await answer.json() : {};
  for (const place of list.querySelectorAll("[data-count]")) place.textContent = counts[place.dataset.count] ?? "";
}

const list = document.querySelector("[data-counts=true]");
if (list) showCounts(list);

/** Ask for something once, and go where the answer says; or tell why it was refused, and let it be asked again. */
async function once(button, ask, refused) {
  button.disabled = true;
  const answer = await ask().catch(() => null);
  const told = answer ? await answer.json() : { message: "The desk does not answer", hint: "Nothing was changed." };
  if (answer?.ok) return location.assign(told.address);
  button.disabled = false;
  refused([told.message, told.hint].filter(Boolean).join(". "));
}

document.getElementById("remove")?.addEventListener("click", event => {
  const button = event.currentTarget;
  const error = document.getElementById("remove-error");
  once(button, () => send(button.dataset.address, {}, "DELETE"), text => { [error.textContent, error.hidden] = [text, false]; });
});
document.getElementById("remove")?.removeAttribute("disabled");

for (const button of document.querySelectorAll("[data-restore]")) {
  button.addEventListener("click", () => once(button, () => send("/decks/restore", { name: button.dataset.restore }), toast));
  button.disabled = false;
}
