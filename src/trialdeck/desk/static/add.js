/* What is in the files: choices change what would be written, and the page shows it at once. What was chosen is kept in
   this window until it is written: the page of several files is loaded anew after each of them. */
import { send } from "./desk.js";
import { store } from "./stored.js";

const PAUSE = 250;
const box = document.getElementById("box");
const [path, query] = box.dataset.address.split("?");

for (const form of document.querySelectorAll("form.choices")) begin(form);

/** @param {HTMLFormElement} form */
function begin(form) {
  const result = form.querySelector("[data-result]");
  const kept = `desk-add:${path}/${form.dataset.key}`;
  let timer = 0;
  let asked = 0;

  const look = async (isCounted, choice = chosen(form)) => {
    const number = ++asked;
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await send(address(form, ""), { ...choice, counted: isCounted });
      const told = await (answer.ok ? answer.text() : answer.json());
      // An answer that was overtaken says nothing of what is chosen by now.
      if (number !== asked) return;
      if (answer.ok) replace(result, told);
      else say(form, told);
    } catch {
      if (number !== asked) return;
      say(form, { message: "The desk does not answer", hint: "what you chose is kept here; start the desk again" });
    }
    result.setAttribute("aria-busy", "false");
    if ("counts" in form.dataset && !isCounted && number === asked) look(true);
  };
  const later = () => {
    count(form);
    store(kept, chosen(form));
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE, false);
  };

  form.addEventListener("input", event => {
    if (event.target.matches("[data-find]")) find(event.target);
    else later();
  });
  form.addEventListener("click", event => {
    const button = event.target.closest("[data-all], [data-none]");
    if (!button) return;
    for (const field of button.closest(".pick").querySelectorAll("label:not([hidden]) input")) {
      field.checked = "all" in button.dataset;
    }
    later();
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    clearTimeout(timer);
    asked++;
    // While this is written, nothing else can be chosen, nor written again.
    form.inert = true;
    try {
      const answer = await send(address(form, "/write"), chosen(form));
      const told = await answer.json();
      if (answer.ok) {
        sessionStorage.removeItem(kept);
        return done(told);
      }
      say(form, told);
    } catch {
      say(form, { message: "The desk does not answer", hint: "start it again, and then send this once more" });
    }
    form.inert = false;
    result.setAttribute("aria-busy", "false");
    form.querySelector("button[type=submit]").focus();
  });
  const former = JSON.parse(sessionStorage.getItem(kept) ?? "null");
  if (former) putBack(form, former);
  count(form);
  form.inert = false;
  if (former) look(false, former);
  else if ("counts" in form.dataset) look(true);
}

/** Go to the trial, or stay where there is more to decide. */
function done(told) {
  const others = document.querySelectorAll("form.choices").length > 1;
  if (others) location.reload();
  else location.assign(told.address);
}

/** @param {HTMLFormElement} form */
function chosen(form) {
  const picked = name => [...form.querySelectorAll(`input[name=${name}]:checked`)].map(field => field.value);
  const choice = {};
  for (const name of ["trial_id", "acronym"]) if (form.elements[name]) choice[name] = form.elements[name].value;
  for (const name of ["topics", "deletes"]) if (form.elements[name]) choice[name] = form.elements[name].checked;
  if (form.querySelector("input[name=publication]")) choice.publication = picked("publication")[0] ?? "";
  for (const name of ["outcomes", "events"]) if (form.querySelector(`input[name=${name}]`)) choice[name] = picked(name);
  choice.left = [...form.querySelectorAll("[data-left] input:not(:checked)")].map(field => field.value);
  for (const field of form.querySelectorAll("[data-role]")) {
    choice.roles ??= {};
    choice.roles[field.dataset.kind] ??= {};
    choice.roles[field.dataset.kind][field.dataset.field] = field.value;
  }
  return choice;
}

/** Choose again what was chosen. @param {HTMLFormElement} form @param {object} choice as `chosen` has returned it */
function putBack(form, choice) {
  for (const name of ["trial_id", "acronym"]) if (form.elements[name]) form.elements[name].value = choice[name] ?? "";
  for (const name of ["topics", "deletes"]) if (form.elements[name]) form.elements[name].checked = Boolean(choice[name]);
  for (const name of ["publication", "outcomes", "events"]) {
    const picked = [choice[name] ?? []].flat();
    for (const field of form.querySelectorAll(`input[name=${name}]`)) field.checked = picked.includes(field.value);
  }
  for (const field of form.querySelectorAll("[data-role]")) {
    field.value = choice.roles?.[field.dataset.kind]?.[field.dataset.field] ?? "";
  }
}

/** Show a part of the page anew; what had the focus keeps it, and what was unfolded stays so. */
function replace(result, html) {
  const focused = result.contains(document.activeElement) ? document.activeElement.id : "";
  const folds = [...result.querySelectorAll("details")].map(fold => [fold.querySelector("summary").textContent.replace(/\d+/g, ""), fold.open]);
  result.innerHTML = html;
  for (const fold of result.querySelectorAll("details")) {
    const known = folds.find(([words]) => words === fold.querySelector("summary").textContent.replace(/\d+/g, ""));
    if (known) fold.open = known[1];
  }
  if (focused) document.getElementById(focused)?.focus();
}

/** Show only the choices that have all the words. */
function find(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const label of field.closest(".pick").querySelectorAll(".choice")) {
    const text = label.textContent.toLowerCase();
    label.hidden = !label.querySelector("input").checked && !words.every(word => text.includes(word));
  }
}

/** Say how many are chosen. */
function count(form) {
  for (const group of form.querySelectorAll("[data-pick]")) {
    const place = group.querySelector("[data-count]");
    const all = group.querySelectorAll("input[type=checkbox]");
    if (place) place.textContent = `${[...all].filter(field => field.checked).length} of ${all.length}`;
  }
}

/** @param {HTMLFormElement} form @param {{message: string, hint?: string}} told */
function say(form, told) {
  const place = form.querySelector("[data-error]") ?? placeOf(form);
  place.textContent = `${told.message}${told.hint ? `: ${told.hint}` : ""}`;
  place.hidden = false;
}

/** Make a place for an error, where the part of the page that the server made has none. @param {HTMLFormElement} form */
function placeOf(form) {
  const place = Object.assign(document.createElement("p"), { className: "form-error" });
  place.dataset.error = "";
  place.setAttribute("role", "alert");
  form.querySelector("[data-result]").append(place);
  return place;
}

function address(form, end) {
  return `${path}/${form.dataset.key}${end}${query ? `?${query}` : ""}`;
}
