/* What the author has to decide: a field that somebody else has changed, a file that is gone. */
import { at, fieldsIn, markOf, show } from "./form_values.js";

/** @param {string} tag @param {string} text @param {string} [name] */
function element(tag, text, name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = name;
  return made;
}

function button(text, act, name = "small") {
  const made = element("button", text, name);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Return a value as one reads it. */
export function spoken(value) {
  if (value === null || value === undefined || value === "") return "(nothing)";
  if (Array.isArray(value)) return value.map((part) => part || "…").join(", ") || "(nothing)";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * Show both texts of a field that somebody else has changed, and let the author choose.
 * @param {any} form @param {import("./queue.js").Waiting} entry
 */
export function chooseIn(form, entry) {
  const field = fieldAt(form, entry);
  const place = field?.closest(".field, td, .statement") ?? document.getElementById("notices");
  const mark = `choice-${markOf(entry.path, entry.names)}`;
  const old = document.getElementById(mark);
  const isSame = old?.dataset.now === JSON.stringify([entry.held, entry.now, entry.hint]) && place.contains(old);
  if (isSame) {
    // A click on its buttons must find them: only what the author types has changed.
    const typed = old.querySelector("dd");
    if (typed) typed.textContent = spoken(entry.value);
    return;
  }
  old?.remove();
  const box = element("div", "", "choice-box");
  box.dataset.now = JSON.stringify([entry.held, entry.now, entry.hint]);
  box.id = mark;
  box.setAttribute("role", "alert");
  if (entry.held === "refused") {
    box.append(element("p", `Not saved. ${entry.hint}.`));
    box.append(button("Go back to what is saved", () => leave()));
  } else {
    box.append(element("p", entry.gone ? "What this belonged to was removed meanwhile. What you have written:" : "Somebody else has changed this meanwhile."));
    const texts = element("dl", "");
    texts.append(element("dt", "Yours"), element("dd", spoken(entry.value)));
    if (!entry.gone) texts.append(element("dt", "Now in the file"), element("dd", spoken(entry.now)));
    box.append(texts);
    if (!entry.gone) box.append(button("Keep mine", () => { box.remove(); form.queue.keep(entry); }, "small primary"));
    box.append(button(entry.gone ? "Forget it" : "Take the other", () => leave()));
  }
  place.append(box);

  function leave() {
    const now = fieldAt(form, entry);
    form.queue.forget(entry);
    box.remove();
    if (now) {
      show(now, at(form.state.data, entry.path));
      now.classList.remove("waits");
      now.focus();
    }
  }
}

/** Return the field of a value that waits; none if what it belonged to is gone, or is not shown. */
function fieldAt(form, entry) {
  return entry.gone ? undefined : [...fieldsIn(form.room)].find((field) => form.waitingIn(field) === entry);
}

/**
 * Show a notice above the form, or take it away if the text is empty.
 * @param {string} name @param {string} text @param {[string, () => void][]} [ways] buttons
 */
export function notice(name, text, ways = []) {
  const room = document.getElementById("notices");
  const old = room.querySelector(`[data-notice="${name}"]`);
  if (old?.dataset.text === text) return;
  old?.remove();
  if (!text) return;
  const box = element("div", "", "notice trial-notice");
  box.dataset.notice = name;
  box.dataset.text = text;
  box.setAttribute("role", "alert");
  box.append(element("p", text), ...ways.map(([called, act]) => button(called, act)));
  room.append(box);
}
