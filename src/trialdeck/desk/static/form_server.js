/* Changes of the record on their way to the server. */
import { send } from "./desk.js";
import { notice } from "./form_conflicts.js";

/** Whether an error of `ask` may be over soon: the desk did not answer, or could not write or read. @param {{status?: number, told?: any}} error */
export function isUnanswered({ status, told }) {
  return status === undefined || status >= 500 || Boolean(told?.state);
}

/**
 * Send a request that changes the record, and return the answer; throws if nothing was changed.
 * @param {any} form @param {object} body @param {string} method @param {string} [address]
 * @returns {Promise<any>} the record by now, and what became of each change
 */
export async function ask(form, body, method, address = form.address) {
  let answer;
  try {
    answer = await send(address, body, method);
  } catch {
    throw new Error("The desk does not answer. What you typed is kept in this window.");
  }
  const told = await answer.json();
  if (answer.ok || (answer.status === 409 && told.data !== undefined)) {
    notice("trouble", "");
    return told;
  }
  if (answer.status === 410) form.textView.gone();
  else if (told.state) form.apply(told.state);
  else if (answer.status !== 409) notice("trouble", `Not saved: ${told.message}: ${told.hint}`);
  throw Object.assign(new Error(`${told.message}: ${told.hint}`), { status: answer.status, told });
}
