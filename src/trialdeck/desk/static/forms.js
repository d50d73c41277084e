/* Plain forms: sent as JSON; what is refused stands below the fields, and nothing typed is lost. */
import { send } from "./desk.js";

/** Where to go when a form was taken. */
const THEN = {
  begin: () => "/",
  record: answer => answer.address,
};

for (const form of document.querySelectorAll("form[data-send]")) {
  const error = form.querySelector(".form-error");
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    error.hidden = true;
    try {
      const answer = await send(form.getAttribute("action"), Object.fromEntries(new FormData(form)));
      const told = await answer.json();
      if (answer.ok) return location.assign(THEN[form.dataset.send](told));
      say(told.hint ? `${told.message}: ${told.hint}` : told.message);
    } catch {
      say("The desk does not answer. Run `trialdeck desk` again, and then send this once more.");
    }
    button.disabled = false;
  });
  // Until now, the browser would have sent the form by itself: to nowhere, and what was typed with it.
  button.disabled = false;

  function say(text) {
    error.textContent = text;
    error.hidden = false;
    form.querySelector("input:invalid, input")?.focus();
  }
}
