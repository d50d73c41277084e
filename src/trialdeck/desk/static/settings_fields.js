/* The fields of settings: read the value of one, write a value into it, and say a value in words. */

/** @typedef {string | boolean | string[] | Record<string, string> | null} Value */

/** @param {unknown} value a list, or one part of what should be a list @returns {string[]} */
const listOf = value => [value ?? []].flat().map(String);

/** @param {unknown} value @returns {[string, string][]} */
const pairsOf = value => (value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : []);

const rowsOf = field => [...field.querySelectorAll(".pair")];
const textsOf = row => [...row.querySelectorAll("input")].map(input => input.value.trim());
const boxesOf = field => [...field.querySelectorAll("input")];

/**
 * Read the value of a field as JSON: a text, a truth value, a list or a mapping of texts; null for nothing.
 * @param {HTMLElement} field
 * @returns {Value}
 */
export function read(field) {
  const text = () => /** @type {HTMLInputElement} */ (field).value;
  switch (field.dataset.control) {
    case "tick": return /** @type {HTMLInputElement} */ (field).checked || null;
    case "ticks": return boxesOf(field).filter(box => box.checked).map(box => box.value);
    case "lines": return text().split("\n").map(line => line.trim()).filter(Boolean);
    case "pairs": return Object.fromEntries(rowsOf(field).map(textsOf).filter(texts => texts.some(Boolean)));
    default: return text().trim() || null;
  }
}

/** Write a value into a field, also one that the field does not offer. @param {HTMLElement} field @param {unknown} value */
export function write(field, value) {
  switch (field.dataset.control) {
    case "tick": field.checked = value === true; break;
    case "ticks": writeTicks(field, listOf(value)); break;
    case "lines": field.value = listOf(value).join("\n"); break;
    case "pairs": writePairs(field, pairsOf(value)); break;
    case "choice": writeChoice(field, String(value ?? "")); break;
    default: field.value = String(value ?? "");
  }
}

function writeTicks(field, names) {
  for (const name of names.filter(name => !boxesOf(field).some(box => box.value === name))) {
    const label = Object.assign(document.createElement("label"), { className: "tick" });
    label.append(Object.assign(document.createElement("input"), { type: "checkbox", value: name }), ` ${name}`);
    field.querySelector(".ticks").append(label);
  }
  for (const box of boxesOf(field)) box.checked = names.includes(box.value);
}

function writeChoice(field, name) {
  if (![...field.options].some(option => option.value === name)) field.append(new Option(name, name));
  field.value = name;
}

function writePairs(field, pairs) {
  const row = rowsOf(field)[0];
  field.replaceChildren(...[...pairs, ["", ""]].map(texts => filled(row, texts)));
}

function filled(row, texts) {
  const copy = row.cloneNode(true);
  copy.querySelectorAll("input").forEach((input, at) => { input.value = texts[at]; });
  return copy;
}

/** Keep an empty row behind the pairs that are written. @param {HTMLElement} field */
export function grow(field) {
  const last = rowsOf(field).at(-1);
  if (last && textsOf(last).some(Boolean)) field.append(filled(last, ["", ""]));
}

/** Say a value as its field shows it. @param {HTMLElement} field @param {unknown} value */
export function inWords(field, value) {
  switch (field.dataset.control) {
    case "tick": return value === true ? "ticked" : "not ticked";
    case "ticks": return listOf(value).map(name => labelOf(field, name)).join(", ") || "nothing";
    case "lines": return listOf(value).join(", ") || "nothing";
    case "pairs": return pairsOf(value).map(([name, title]) => `${name}: ${title}`).join("; ") || "nothing";
    case "choice": return [...field.options].find(option => option.value === (value ?? ""))?.text ?? String(value ?? "nothing");
    default: return String(value ?? "").trim() || "nothing";
  }
}

const labelOf = (field, name) => boxesOf(field).find(box => box.value === name)?.closest("label").textContent.trim() ?? name;
