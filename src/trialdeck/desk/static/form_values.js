/* Values of the form: what a field says, what a record says at a path, and where an entry stands by now. */

/** @typedef {(string | number)[]} Path */
/** @typedef {{path: Path, value?: unknown, was?: unknown, names?: string[], action?: string, to?: number}} Change */

/** Return the value at a path of data; null where nothing is. @param {any} data @param {Path} path */
export function at(data, path) {
  for (const part of path) data = data?.[part] ?? null;
  return data;
}

/** Return a text that stands for a path. @param {Path} path */
export const keyOf = (path) => JSON.stringify(path);

/** Return a text that stands for a value wherever its entries are moved to: they go by their names. @param {Path} path @param {string[]} [names] */
export function markOf(path, names = []) {
  const rest = [...names];
  return JSON.stringify(path.map((part) => (typeof part === "number" && rest.shift()) || part));
}

/** Tell whether two values say the same; blanks at the ends of texts say nothing, nor do empty lists. */
export const same = (one, other) => JSON.stringify(bare(one)) === JSON.stringify(bare(other));

function bare(value) {
  if (typeof value === "string") return value.replaceAll("\r\n", "\n").trim() || null;
  if (Array.isArray(value)) {
    const parts = value.map(bare);
    while (parts.length && parts.at(-1) === null) parts.pop();
    return parts.length ? parts : null;
  }
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, bare(part)]));
  return value ?? null;
}

/** Return all fields below an element. @param {ParentNode} root @returns {NodeListOf<HTMLElement>} */
export const fieldsIn = (root) => root.querySelectorAll("[data-path][data-kind]:not(button)");

/** Return the field that an element is, or is in. @param {Element | null} element @returns {HTMLElement | null} */
export const fieldOf = (element) => element?.closest?.("[data-path][data-kind]:not(button)") ?? null;

/** Return the field at a path, or that of the nearest value around it. @param {Path} path @returns {HTMLElement | null} */
export function fieldAt(path) {
  for (let length = path.length; length; length -= 1) {
    const key = keyOf(path.slice(0, length));
    const found = [...fieldsIn(document)].find((field) => field.dataset.path === key);
    if (found) return found;
  }
  return null;
}

/** Return a path in the notation of the attribute `data-path`. @param {HTMLElement} element @returns {Path} */
export const pathOf = (element) => JSON.parse(element.dataset.path ?? element.dataset.entry ?? element.dataset.list ?? "[]");

/** @param {HTMLElement} element @returns {string[]} */
export const namesOf = (element) => JSON.parse(element.dataset.names ?? "[]");

/** Return what a field says now. @param {any} field @returns {unknown} */
export function valueOf(field) {
  switch (field.dataset.kind) {
    case "tick":
      return field.checked ? "true" : null;
    case "boxes":
    case "cites":
      return [...field.querySelectorAll("input:checked")].map((box) => box.value);
    case "words":
      return field.value.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean);
    case "interval":
    case "pair":
      return [...field.querySelectorAll("input, select")].map((each) => each.value.trim());
    default:
      return field.value;
  }
}

/** Let a field say a value. @param {any} field @param {any} value */
export function show(field, value) {
  switch (field.dataset.kind) {
    case "tick":
      field.checked = value === "true";
      break;
    case "boxes":
    case "cites":
      for (const box of field.querySelectorAll("input")) box.checked = (value ?? []).includes(box.value);
      break;
    case "words":
      field.value = (value ?? []).join(", ");
      break;
    case "interval":
    case "pair":
      field.querySelectorAll("input, select").forEach((each, index) => { each.value = value?.[index] ?? ""; });
      break;
    default: {
      const isFocused = field === document.activeElement;
      const [start, end] = isFocused ? [field.selectionStart, field.selectionEnd] : [null, null];
      field.value = typeof value === "string" ? value : "";
      if (isFocused && start !== null) field.setSelectionRange(start, end);
    }
  }
}

const IDENTITIES = ["id", "name", "file"];

/** Return the name of an entry, by which it is found where others have moved it. */
export const nameOf = (entry) => IDENTITIES.map((name) => entry?.[name]).find((name) => typeof name === "string") ?? "";

/**
 * Return where a value stands by now; null if an entry on the way is gone.
 * @param {any} data @param {Path} path @param {string[]} names @returns {Path | null}
 */
export function relocated(data, path, names) {
  const rest = [...names];
  const now = [];
  for (const part of path) {
    let index = part;
    if (typeof part === "number" && rest.length) {
      const name = rest.shift();
      if (name && nameOf(data?.[part]) !== name) index = (Array.isArray(data) ? data : []).findIndex((entry) => nameOf(entry) === name);
      if (index === -1) return null;
    }
    now.push(index);
    data = data?.[index];
  }
  return now;
}

/**
 * Return where a value stands by now, and the names on the way: an entry may have moved, or got another id.
 * @param {any} before the data in which the path was right @param {any} now @param {Path} path @param {string[]} names
 * @returns {{path: Path, names: string[]} | null}
 */
export function tracked(before, now, path, names) {
  const place = relocated(now, path, names) ?? (isAt(before, path, names) ? renamed(before, now, path) : null);
  return place && { path: sentenceAt(before, now, path, place), names: namesOn(now, place) };
}

/** Tell whether the entries with some names are those on a path. */
function isAt(data, path, names) {
  const known = namesOn(data, path);
  return names.every((name, depth) => !name || name === known[depth]);
}

/** Return a path of which entries have got other ids. @returns {Path | null} */
function renamed(before, now, path) {
  const place = [];
  for (const part of path) {
    place.push(typeof part === "number" ? successor(before, now, part) : part);
    if (place.at(-1) === -1) return null;
    [before, now] = [before?.[part], now?.[place.at(-1)]];
  }
  return place;
}

/** Return the index that an entry of a list has by now, under its name or another one; -1 if it is gone. */
function successor(before, now, index) {
  const [old, present] = [before, now].map((list) => (Array.isArray(list) ? list : []));
  const names = old.map(nameOf);
  if (nameOf(present[index]) === names[index]) return index;
  const others = present.flatMap((entry, number) => (names.includes(nameOf(entry)) ? [] : [number]));
  const isInPlace = old.length === present.length && others.includes(index);
  if (isInPlace) return index;
  const moved = names[index] ? present.findIndex((entry) => nameOf(entry) === names[index]) : -1;
  return moved >= 0 ? moved : others.find((number) => isAlike(old[index], present[number])) ?? -1;
}

/** Tell whether two entries say mostly the same under different names. */
function isAlike(one, other) {
  const parts = Object.keys(one ?? {}).filter((name) => !IDENTITIES.includes(name));
  return parts.filter((name) => same(one[name], other?.[name])).length > parts.length / 2;
}

/** Return the path of a sentence with gaps: its id was changed if another one stands in its place. */
function sentenceAt(before, now, path, place) {
  if (place.at(-2) !== "cloze") return place;
  const [old, present] = [at(before, path.slice(0, -1)), at(now, place.slice(0, -1))].map((sentences) => Object.keys(sentences ?? {}));
  const index = old.indexOf(path.at(-1));
  if (index < 0 || present.includes(path.at(-1)) || old.length !== present.length) return place;
  return [...place.slice(0, -1), present[index]];
}

/** Return the names of the entries that a path leads through. @param {any} data @param {Path} path @returns {string[]} */
export function namesOn(data, path) {
  return path.flatMap((part, depth) => (typeof part === "number" ? [nameOf(at(data, path.slice(0, depth + 1)))] : []));
}

/** Return what tells whether two records have the same entries, in the same order, and so the same form. */
export function shapeOf(data) {
  if (Array.isArray(data)) return data.some((each) => each && typeof each === "object") ? data.map((each) => [each?.id ?? 0, shapeOf(each)]) : 0;
  if (!data || typeof data !== "object") return 0;
  const parts = Object.entries(data).map(([name, value]) => (name === "cloze" ? [name, Object.keys(value ?? {})] : [name, shapeOf(value)]));
  const isRetired = data.retired ? [["retired", 1]] : [];
  return [...parts.filter(([, shape]) => shape !== 0 && JSON.stringify(shape) !== "[]"), ...isRetired].sort();
}
