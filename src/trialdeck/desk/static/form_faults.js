/* Faults and warnings: beside the field that they concern, as a count in the bar, and as a list with links. */
import { keyOf } from "./form_values.js";

let last = "";

/** @param {any} form */
export function showFaults(form) {
  const { problems } = form;
  tellNews(problems);
  count(problems);
  list(form, problems);
  const places = new Map([...form.room.querySelectorAll("[data-faults]")].map((place) => [place.dataset.faults, place]));
  const shown = new Map();
  for (const problem of problems) {
    const place = placeOf(places, problem.path);
    if (place) shown.set(place, [...(shown.get(place) ?? []), problem]);
  }
  for (const place of places.values()) {
    const own = shown.get(place) ?? [];
    const mark = JSON.stringify(own);
    if (place.dataset.mark === mark) continue;
    place.dataset.mark = mark;
    place.replaceChildren(...own.map((problem) => said(form, problem)));
    const room = place.closest(".field[hidden]");
    if (room && own.length) room.hidden = false;
    place.parentElement.closest(".field, .statement, td")?.classList.toggle("is-faulty", own.some((problem) => problem.severity === "error"));
  }
  for (const field of form.room.querySelectorAll("[data-kind][aria-describedby]")) {
    const isFaulty = (shown.get(places.get(field.dataset.path)) ?? []).some((problem) => problem.severity === "error");
    if (isFaulty) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  for (const mark of form.room.querySelectorAll("[data-count]")) countIn(mark, problems);
}

/** Return the place beside a value, or beside the nearest thing around it. */
function placeOf(places, path) {
  for (let length = path.length; length; length -= 1) {
    const place = places.get(keyOf(path.slice(0, length)));
    if (place) return place;
  }
  return null;
}

/** @param {any} form @param {any} problem */
function said(form, problem) {
  const text = document.createElement("p");
  text.className = `fault ${problem.severity}`;
  const { message, hint } = problem.said;
  text.append(`${problem.severity === "error" ? "Fault" : "Warning"}: ${message}${hint ? `: ${hint}` : ""} `);
  for (const fix of problem.fixes) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = fix.label;
    button.addEventListener("click", async () => {
      if (await form.act(() => ({ changes: fix.changes, together: true }))) form.entries.reveal(problem.path);
    });
    text.append(button, " ");
  }
  return text;
}

function count(problems) {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const button = document.getElementById("fault-count");
  const words = [errors && `${errors} ${errors === 1 ? "fault" : "faults"}`, warnings && `${warnings} ${warnings === 1 ? "warning" : "warnings"}`].filter(Boolean);
  button.textContent = words.join(", ") || "No faults";
  button.classList.toggle("bad", errors > 0);
  button.classList.toggle("odd", !errors && warnings > 0);
  button.disabled = !problems.length;
}

/** Say once what has changed, for a screen reader. */
function tellNews(problems) {
  const errors = problems.filter((problem) => problem.severity === "error");
  const now = JSON.stringify(errors.map((problem) => problem.said.message));
  if (last && now !== last) document.getElementById("fault-news").textContent = errors.length ? `${errors.length} ${errors.length === 1 ? "fault" : "faults"}. ${errors[0].said.message}` : "No faults.";
  last = now;
}

/** @param {any} form @param {any[]} problems */
function list(form, problems) {
  const room = document.getElementById("fault-list");
  const button = document.getElementById("fault-count");
  button.onclick = () => {
    room.hidden = !room.hidden;
    button.setAttribute("aria-expanded", String(!room.hidden));
    if (!room.hidden) room.querySelector("a")?.focus();
  };
  if (!problems.length) {
    room.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }
  const items = problems.map((problem) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = problem.path.length ? `#f-${problem.path.join("-")}` : "#view-form";
    link.textContent = `${placeWords(form, problem.path)}${problem.said.message}`;
    link.className = problem.severity;
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      if (!problem.path.length || !(await form.entries.reveal(problem.path))) form.textView.go(problem.line);
    });
    item.append(link);
    return item;
  });
  const all = document.createElement("ul");
  all.append(...items);
  room.replaceChildren(all);
}

/** Return where a value stands, in words. */
function placeWords(form, path) {
  if (path.length < 2 || typeof path[1] !== "number") return "";
  const noun = [...form.room.querySelectorAll("ol[data-list]")].find((each) => each.dataset.list === keyOf(path.slice(0, 1)))?.dataset.noun;
  return noun ? `${noun[0].toUpperCase()}${noun.slice(1)} ${path[1] + 1}: ` : "";
}

function countIn(mark, problems) {
  const prefix = mark.dataset.count.slice(0, -1);
  const own = problems.filter((problem) => keyOf(problem.path).startsWith(`${prefix},`) || keyOf(problem.path) === mark.dataset.count);
  const errors = own.filter((problem) => problem.severity === "error").length;
  mark.className = `entry-count pill ${errors ? "bad" : own.length ? "odd" : ""}`;
  mark.textContent = errors ? `${errors} ${errors === 1 ? "fault" : "faults"}` : own.length ? `${own.length} ${own.length === 1 ? "warning" : "warnings"}` : "";
  mark.hidden = !own.length;
}
