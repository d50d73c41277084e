/* Plain forms: sent as JSON; what is refused stands below the fields, and nothing typed is lost: it is kept in this window
   until it is taken. */
import { send } from "./desk.js";

/** Where to go when a form was taken. */
const THEN = {
  begin: () => "/",
  record: answer => answer.address,
};

for (const form of document.querySelectorAll("form[data-send]")) {
  const error = form.querySelector(".form-error");
  const button = form.querySelector("button[type=submit]");
  const kept = `desk-form:${form.getAttribute("action")}`;
  const fields = [...form.elements].filter(field => field.name);
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    error.hidden = true;
    try {
      const answer = await send(form.getAttribute("action"), Object.fromEntries(new FormData(form)));
      const told = await answer.json();
      if (answer.ok) {
        sessionStorage.removeItem(kept);
        return location.assign(THEN[form.dataset.send](told));
      }
      say(told.hint ? `${told.message}: ${told.hint}` : told.message);
    } catch {
      say("The desk does not answer. Start it again, and then send this once more.");
    }
    button.disabled = false;
  });
  const keep = () => {
    const values = fields.map(field => [field.name, field.type === "checkbox" ? field.checked : field.value]);
    sessionStorage.setItem(kept, JSON.stringify(Object.fromEntries(values)));
  };
  const former = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
  // What was typed before this script was there is newer than what was kept.
  if (fields.some(field => field.type === "text" && field.value !== field.defaultValue)) keep();
  else for (const field of fields.filter(field => field.name in former)) {
    field[field.type === "checkbox" ? "checked" : "value"] = former[field.name];
  }
  form.addEventListener("input", keep);
  // Until now, the browser would have sent the form by itself: to nowhere, and what was typed with it.
  button.disabled = false;

  function say(text) {
    error.textContent = text;
    error.hidden = false;
    // A button that is disabled cannot have the focus.
    button.disabled = false;
    (form.querySelector("input:invalid") ?? button).focus();
  }
}
