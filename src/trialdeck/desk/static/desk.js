/* What every page of the desk does: colours, Quit, short messages, and news of the server. */
import { TAB } from "./events.js";

/**
 * Show a short message, which a screen reader says as well.
 * @param {string} text
 */
export function toast(text) {
  const message = document.createElement("p");
  message.className = "toast";
  message.textContent = text;
  document.getElementById("toasts")?.append(message);
  setTimeout(() => message.remove(), 6000);
}

/**
 * Send a change as JSON, and return the answer.
 * @param {string} address
 * @param {unknown} body
 * @param {string} [method]
 * @returns {Promise<Response>}
 */
export function send(address, body, method = "POST") {
  const headers = { "Content-Type": "application/json", "Desk-Tab": TAB };
  return fetch(address, { method, body: JSON.stringify(body), headers });
}

/**
 * Return a message or a hint as a sentence, with its capital and one mark at its end.
 * @param {string | undefined} text
 */
export function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1)}${/[.?!…]$/.test(text) ? "" : "."}` : "";
}

function paint(look) {
  document.documentElement.classList.toggle("nightMode", look === "night");
  document.documentElement.classList.toggle("dayMode", look === "day");
  for (const button of document.querySelectorAll("[data-look]")) {
    button.setAttribute("aria-pressed", String(button.dataset.look === look));
  }
  document.dispatchEvent(new CustomEvent("look", { detail: look }));
}

for (const button of document.querySelectorAll("[data-look]")) {
  button.addEventListener("click", () => {
    // A cookie, not a storage: the server draws cards in the same colours.
    document.cookie = `desk-look=${button.dataset.look}; path=/; max-age=31536000; samesite=strict`;
    paint(button.dataset.look);
  });
}

// --- What an editor or git changes while a page shows something else; Home and the trials show it themselves

const changed = new Set();
let soon = 0;
document.addEventListener("desk", event => {
  const { record, outside } = event.detail;
  if (!record || !outside || location.pathname === "/" || location.pathname.startsWith("/trial/")) return;
  changed.add(record);
  clearTimeout(soon);
  soon = setTimeout(() => {
    toast(changed.size === 1 ? `${[...changed][0]} was changed on disk.` : `${changed.size} trials were changed on disk.`);
    changed.clear();
  }, 500);
});

// --- Quit

const PATIENCE = 3000;

/** Whether this page would be left without a question: nothing that was typed into it waits to be saved. */
async function isSaved() {
  const end = Date.now() + PATIENCE;
  do {
    if (window.dispatchEvent(new Event("beforeunload", { cancelable: true }))) return true;
    await new Promise(done => setTimeout(done, 100));
  } while (Date.now() < end);
  return false;
}

const quit = document.querySelector("[data-quit]");
// Not before all of the page is there: a script that is late would not find it any more.
if (document.readyState === "complete") quit.disabled = false;
else addEventListener("load", () => { quit.disabled = false; });
quit.addEventListener("click", async () => {
  if (!(await isSaved())) return toast("Something that you typed is not saved yet: the page says why. The desk goes on.");
  const answer = await send("/quit", {}).catch(() => null);
  if (!answer?.ok) return toast("The desk does not answer.");
  const ended = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = ended.title;
  document.body.replaceWith(ended.body);
  document.querySelector("h1")?.focus();
});
