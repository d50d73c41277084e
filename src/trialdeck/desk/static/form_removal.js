/* Remove the whole trial: say what that means, ask, and leave for the list of trials. */
import { toast } from "./desk.js";
import { ask } from "./form_asks.js";

/** @param {any} form */
export function prepareRemoval(form) {
  document.getElementById("remove-trial").addEventListener("click", () => {
    remove(form).catch((error) => toast(`Not removed: ${error.message}`));
  });
}

/** @param {any} form */
async function remove(form) {
  const address = form.address.replace("/trial/", "/removal/");
  const answer = await fetch(address).catch(() => null);
  if (answer?.status !== 200) return toast("The desk does not answer, or the file of this trial is gone.");
  document.getElementById("removal-words").innerHTML = await answer.text();
  if ((await ask("ask-remove-trial")) !== "remove") return;
  if (form.textView.isTyped) await form.textView.save();
  // What was typed is saved before: it comes back with the trial.
  const told = await form.queue.alone(() => {
    if (form.queue.size || form.textView.isTyped) throw new Error("something that you typed is not saved yet.");
    return form.ask({ was: form.state.text }, "POST", address);
  });
  location.assign(told.address);
}
