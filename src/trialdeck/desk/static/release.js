/* The release page: compare, build, make the site, send into Anki. */

import { send, sentence } from "./desk.js";
import { follow, show } from "./lines.js";
import { store } from "./stored.js";

const changes = document.getElementById("changes");
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("build"));
const answer = document.getElementById("build-answer");
const edition = /** @type {HTMLInputElement} */ (document.getElementById("edition"));
const KEPT = "desk-edition";
/** How often it was compared, built, and looked for Anki: an answer that was overtaken is not shown. */
let compared = 0;
let looked = 0;
let isPushing = false;

/** @param {string} name */
const ticked = (name) =>
  [...document.querySelectorAll(`input[name=${name}]:checked`)].map((box) => /** @type {HTMLInputElement} */ (box).value);

/**
 * Note whether a button has the focus, which it loses while it is disabled; the answer gives it back, unless whoever had
 * it has gone on.
 * @param {HTMLElement} button
 */
function heldFocus(button) {
  const had = document.activeElement === button;
  return () => {
    if (had && document.activeElement === document.body) button.focus();
  };
}

/** Compare the trials with the last edition, and show what learners will get. */
async function compare() {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("look-again"));
  const number = ++compared;
  const giveBack = heldFocus(button);
  button.disabled = true;
  changes.setAttribute("aria-busy", "true");
  const line = await follow("/release/changes", {}, "compare");
  if (number === compared) {
    show(changes, line);
    if (line.edition) edition.placeholder = line.edition;
  }
  changes.removeAttribute("aria-busy");
  button.disabled = false;
  button.textContent = "Compare again";
  giveBack();
}

/** Keep a name of the edition that was typed in this window, until there is a build of it. */
function keepName() {
  const { value, dataset: { was } } = edition;
  store(KEPT, value.trim() === was ? null : { name: value, was });
}

/** Put back the name that was typed, and say if somebody has given another one meanwhile. */
function putBackName() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept) return;
  edition.value = kept.name;
  if (kept.name.trim() === edition.dataset.was) return sessionStorage.removeItem(KEPT);
  if (kept.was === edition.dataset.was) return;
  const now = edition.dataset.was ? `“${edition.dataset.was}”` : "without a name";
  show(answer, { message: `The edition is ${now} by now.`, hint: "The name that you typed is kept, and is given with the next build.", failed: true });
}

/** Build the decks, with what is ticked. */
async function build() {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("build-button"));
  const cancel = /** @type {HTMLButtonElement} */ (document.getElementById("cancel-button"));
  const name = edition.value.trim();
  const wishes = { edition: name, edition_was: edition.dataset.was, allow: ticked("allow"), refresh: ticked("refresh") };
  button.disabled = true;
  cancel.hidden = cancel.disabled = false;
  answer.replaceChildren();
  const line = await follow("/release/build", wishes, "build", ({ named }) => {
    if (named === undefined) return;
    edition.dataset.was = named;
    keepName();
  });
  button.disabled = false;
  // A button that is disabled loses the focus; whoever has gone on meanwhile keeps it where it is.
  if ([document.body, cancel].includes(document.activeElement)) button.focus();
  cancel.hidden = true;
  if (line.report) {
    compared++;
    answer.innerHTML = line.report;
    document.getElementById("packages").innerHTML = line.html;
    changes.innerHTML = "<p>Nothing has changed since the last build.</p>";
    await lookForAnki();
  } else {
    show(answer, line);
    // The boxes to tick stand there now; those of the comparison would be a second set.
    if (answer.querySelector("[name=allow]")) changes.querySelector(".consents")?.remove();
  }
}

/** Make the site. */
async function makeSite() {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("site-button"));
  const giveBack = heldFocus(button);
  button.disabled = true;
  const line = await follow("/release/site", {}, "site");
  button.disabled = false;
  giveBack();
  if (line.html) {
    document.getElementById("site").innerHTML = line.html;
    document.getElementById("site-answer").replaceChildren();
    button.textContent = "Make it again";
  } else {
    show(document.getElementById("site-answer"), line);
  }
}

const key = () => /** @type {HTMLInputElement | null} */ (document.getElementById("anki-key"))?.value ?? "";

/** Say whether Anki runs, and offer to send packages if it does. */
async function lookForAnki() {
  const state = document.getElementById("anki-state");
  if (!state) return;
  const number = ++looked;
  state.textContent = "Looking whether Anki runs …";
  const anki = await send("/release/anki", { key: key() }).then((response) => response.json())
    .catch(() => ({ runs: false, message: "The desk does not answer", hint: "start it again, and then look again" }));
  if (number !== looked) return;
  state.textContent = anki.runs ? "Anki runs. It takes over a package as it is; your own notes and tags stay."
    : [anki.message, anki.hint].map(sentence).join(" ");
  document.getElementById("anki-key-field").hidden = !anki.needs_key && !key();
  for (const button of document.querySelectorAll("[data-push], #push-all")) {
    /** @type {HTMLElement} */ (button).hidden = !anki.runs;
  }
}

/** @param {string[]} packages The names of their files. */
async function push(packages) {
  if (isPushing) return;
  isPushing = true;
  const place = document.getElementById("push-answer");
  place.replaceChildren();
  show(place, await follow("/release/push", { packages, key: key() }, "push"));
  isPushing = false;
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target === form) build();
  else lookForAnki();
});

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (!button) return;
  if (button.id === "look-again") compare();
  if (button.id === "site-button") makeSite();
  if (button.id === "anki-again") lookForAnki();
  if (button.id === "cancel-button") {
    /** @type {HTMLButtonElement} */ (button).disabled = true;
    // The build itself says so if the desk is gone.
    send("/release/cancel", {}).catch(() => {});
  }
  if (button.dataset.push) push([button.dataset.push]);
  if (button.id === "push-all") {
    push([...document.querySelectorAll("[data-push]")].map((each) => /** @type {HTMLElement} */ (each).dataset.push));
  }
});

if (changes) {
  edition.addEventListener("input", keepName);
  putBackName();
  document.querySelector(".release").inert = false;
  lookForAnki();
  if (changes.dataset.current === "false") compare();
}
