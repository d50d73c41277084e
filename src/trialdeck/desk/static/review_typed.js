/* What a reviewer has typed and not sent yet: kept for each item of a record in the storage of the session, so that it
   is there again after a reload, on the way back, and when the record has changed meanwhile. */

import { store } from "./stored.js";

/** @typedef {{was: string, value: string}} Text what the text said when the reviewer began, and what it should say
 * @typedef {{name: string, address: string, reason?: string, as_of?: string, texts: Record<string, Text>}} Draft */

const find = (selector) => document.querySelector(`#review ${selector}`);
const room = () => document.querySelector(".review-item");
const storage = () => `desk-review-typed:${document.getElementById("review").dataset.file}`;

/** @returns {Record<string, Draft>} by the titles of items, which stay when other entries come and go */
const drafts = () => JSON.parse(sessionStorage.getItem(storage()) ?? "{}");

/** @param {Record<string, Draft>} all */
function keep(all) {
  const left = Object.entries(all).filter(([, draft]) => draft.reason || draft.as_of || Object.keys(draft.texts).length);
  store(storage(), left.length ? Object.fromEntries(left) : null);
  tell(Object.fromEntries(left));
}

/** The fields in which the texts of the item can be corrected. @returns {HTMLTextAreaElement[]} */
export const texts = () => [...document.querySelectorAll("#review [data-corrections] [data-path]")];

/** Where a text is in its entry, wherever that stands. @param {HTMLTextAreaElement} field */
export const keyOf = (field) => JSON.stringify(JSON.parse(field.dataset.path).slice(JSON.parse(room().dataset.entry).length));

/** Whether another text was typed into a field than the one it came with. @param {HTMLTextAreaElement} field */
export const isTyped = (field) => field.value !== field.dataset.shown;

/** Whether anything waits in any item of the record. */
export const isWaiting = () => sessionStorage.getItem(storage()) !== null;

/** Keep what stands in the fields of the item by now. */
export function keepTyped() {
  const item = room(), all = drafts(), day = find("#as-of");
  const typed = texts().filter(isTyped).map((field) => [keyOf(field), { was: field.dataset.was, value: field.value }]);
  all[item.dataset.title] = {
    name: find("h1").textContent.trim(),
    address: `${location.pathname}?which=${item.dataset.which}&at=${item.dataset.at}`,
    reason: find("#reason").value.trim() ? find("#reason").value : "",
    as_of: day && day.value !== day.defaultValue ? day.value : "",
    texts: Object.fromEntries([...homeless(all[item.dataset.title]), ...typed]),
  };
  keep(all);
}

/** What was typed for texts that the item has no more. @param {Draft | undefined} draft */
function homeless(draft) {
  const keys = texts().map(keyOf);
  return Object.entries(draft?.texts ?? {}).filter(([key]) => !keys.includes(key));
}

/**
 * Put back what was typed into the item that is shown; tell which parts hold something, so that they are not folded.
 * @returns {{reason: boolean, texts: boolean}}
 */
export function putBack() {
  const all = drafts(), draft = all[room()?.dataset.title];
  for (const field of texts()) field.dataset.shown = field.value;
  if (draft?.reason) find("#reason").value = draft.reason;
  if (draft?.as_of && find("#as-of")) find("#as-of").value = draft.as_of;
  for (const field of texts().filter((each) => draft?.texts[keyOf(each)])) putBackText(field, draft.texts);
  for (const [, { value }] of homeless(draft)) say(find(".review-lines"), `The text is gone for which you have typed: “${value}”.`);
  keep(all);
  return { reason: Boolean(draft?.reason), texts: texts().some(isTyped) };
}

/** @param {HTMLTextAreaElement} field @param {Record<string, Text>} kept */
function putBackText(field, kept) {
  const { was, value } = kept[keyOf(field)];
  // Somebody else may have had the same idea.
  if (value === field.value) return void delete kept[keyOf(field)];
  field.value = value;
  if (was !== field.dataset.was) say(field, `What you typed is kept. Somebody has changed this text meanwhile; it is now: “${field.dataset.was}”`);
}

/** Say something below a part of the page. @param {Element} part @param {string} text */
function say(part, text) {
  part.after(Object.assign(document.createElement("p"), { className: "notice", textContent: text }));
}

/** A verdict is written: what was sent with it waits no longer. @param {string} title @param {{reason: string, as_of: string}} sent */
export function verdictIsSent(title, sent) {
  const all = drafts(), draft = all[title];
  if (!draft) return;
  if (draft.reason === sent.reason) draft.reason = "";
  if (draft.as_of === sent.as_of) draft.as_of = "";
  keep(all);
}

/** A corrected text is written. @param {string} title @param {string} key @param {string} value */
export function textIsSent(title, key, value) {
  const all = drafts(), kept = all[title]?.texts;
  if (kept?.[key]?.value === value) delete kept[key];
  else if (kept?.[key]) kept[key].was = value;
  keep(all);
}

/** Forget all that waits in this record. */
export function forgetTyped() {
  keep({});
}

/** Say what waits: here, and in which other items. @param {Record<string, Draft>} all */
function tell(all) {
  const place = find("[data-typed]"), own = room()?.dataset.title;
  const parts = Object.entries(all).map(([title, { name, address }]) => {
    if (title === own) return "this item";
    const link = Object.assign(document.createElement("a"), { textContent: name });
    link.setAttribute("href", address);
    return link;
  });
  const forget = Object.assign(document.createElement("button"), { type: "button", textContent: "Forget it" });
  forget.dataset.forget = "";
  const said = document.createElement("span");
  said.append("Typed and not sent yet: ", ...parts.flatMap((part, at) => (at ? [", ", part] : [part])), ". ", forget);
  // A screen reader says it again only if it is another.
  if (place.firstChild?.textContent !== said.textContent) place.replaceChildren(said);
  place.hidden = !parts.length;
}
