/* What is in the files: choices change what would be written, and the page shows it at once. */
import { send } from "./desk.js";

const PAUSE = 250;
const box = document.getElementById("box");
const [path, query] = box.dataset.address.split("?");

for (const form of document.querySelectorAll("form.choices")) begin(form);

/** @param {HTMLFormElement} form */
function begin(form) {
  const result = form.querySelector("[data-result]");
  let timer = 0;
  let asked = 0;

  const look = async isCounted => {
    const number = ++asked;
    result.setAttribute("aria-busy", "true");
    const choice = { ...chosen(form), counted: isCounted };
    try {
      const answer = await send(address(form, ""), choice);
      if (number !== asked) return;
      if (answer.ok) replace(result, await answer.text());
      else say(form, await answer.json());
    } catch {
      say(form, { message: "The desk does not answer", hint: "run `trialdeck desk` again" });
    }
    result.setAttribute("aria-busy", "false");
    if ("counts" in form.dataset && !isCounted && number === asked) look(true);
  };
  const later = () => {
    count(form);
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
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const answer = await send(address(form, "/write"), chosen(form));
      const told = await answer.json();
      if (answer.ok) return done(told);
      say(form, told);
    } catch {
      say(form, { message: "The desk does not answer", hint: "run `trialdeck desk` again, and then send this once more" });
    }
    button.disabled = false;
  });
  count(form);
  if ("counts" in form.dataset) look(true);
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
  const place = form.querySelector("[data-error]");
  place.textContent = `${told.message}${told.hint ? `: ${told.hint}` : ""}`;
  place.hidden = false;
}

function address(form, end) {
  return `${path}/${form.dataset.key}${end}${query ? `?${query}` : ""}`;
}
