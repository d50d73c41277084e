/* Frames with one side of a card: their look, their height, and links, which do nothing but show their address. */

const KEPT = "desk-cards";
/** Sides that came before their frames had loaded. @type {WeakMap<HTMLIFrameElement, string>} */
const pending = new WeakMap();
const SIZES = ["size-125", "size-150", "size-200"];

/** @returns {{look?: string, width?: string, size?: string}} how the author looks at cards in this browser */
function wanted() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {HTMLIFrameElement} frame @returns {Document | null} its document, as soon as it has a card in it */
export function documentOf(frame) {
  const page = frame.contentDocument;
  return page?.body?.classList.contains("card") ? page : null;
}

/** Give a frame the look that the author has chosen. @param {HTMLIFrameElement} frame */
function dress(frame) {
  const page = documentOf(frame);
  if (!page) return;
  const { look, width, size } = wanted();
  const own = document.documentElement.classList;
  const night = look ? look === "night" : own.contains("nightMode");
  const day = look ? look === "day" : own.contains("dayMode");
  const root = page.documentElement.classList;
  root.toggle("nightMode", night);
  root.toggle("dayMode", day);
  root.remove(...SIZES);
  if (size) root.add(`size-${size}`);
  frame.closest(".side")?.classList.toggle("phone", width === "phone");
  fit(frame);
}

/** Put the marks and numbers of plots where they belong. @param {Document} page */
function place(page) {
  for (const part of page.querySelectorAll("[data-place]")) {
    const [side, value] = part.dataset.place.split(":");
    part.style.setProperty(side, value);
  }
}

/** Make a frame as high as its card. @param {HTMLIFrameElement} frame */
function fit(frame) {
  const page = documentOf(frame);
  if (page) frame.style.height = `${Math.ceil(page.documentElement.getBoundingClientRect().height)}px`;
}

/** @param {Element} near @param {string} address */
function tell(near, address) {
  const line = near.closest(".card-sides")?.parentElement?.querySelector("[data-link]");
  if (line) line.textContent = `In Anki, this link leads to ${address}`;
}

/**
 * Prepare a frame whose document is there: links, keys and height.
 * @param {HTMLIFrameElement} frame
 */
function prepare(frame) {
  const page = documentOf(frame);
  if (!page || page.documentElement.dataset.ready) return;
  page.documentElement.dataset.ready = "yes";
  // A click with another button than the first: browsers do not agree on whether the sandbox stops it.
  for (const kind of ["click", "auxclick"]) {
    page.addEventListener(kind, (event) => {
      const link = event.target.closest?.("a[href]");
      if (!link) return;
      event.preventDefault();
      tell(frame, link.getAttribute("href"));
    });
  }
  // Keys of the page work while the focus is in a card.
  page.addEventListener("keydown", (event) => {
    const again = new KeyboardEvent("keydown", { key: event.key, altKey: event.altKey, ctrlKey: event.ctrlKey,
      metaKey: event.metaKey, shiftKey: event.shiftKey, bubbles: true, cancelable: true });
    if (!frame.dispatchEvent(again)) event.preventDefault();
  });
  new ResizeObserver(() => fit(frame)).observe(page.body);
  place(page);
  dress(frame);
  if (pending.has(frame)) show(frame, pending.get(frame));
  pending.delete(frame);
}

/** Prepare all frames below an element, now or when they have loaded. @param {ParentNode} where */
export function prepareFrames(where) {
  for (const frame of where.querySelectorAll("iframe.card-frame")) {
    frame.addEventListener("load", () => prepare(frame));
    prepare(frame);
  }
}

/** Show another card in a frame. @param {HTMLIFrameElement} frame @param {string} side the HTML of the side */
export function show(frame, side) {
  const page = documentOf(frame);
  if (!page) {
    pending.set(frame, side);
    return;
  }
  const open = [...page.querySelectorAll("details")].map((fold) => fold.open);
  // The sandbox of the frame runs no script, whatever is in the HTML.
  page.body.innerHTML = side;
  place(page);
  page.querySelectorAll("details").forEach((fold, index) => { fold.open = open[index] ?? false; });
  fit(frame);
}

/** Connect the choices of colours, width and size below an element. @param {ParentNode} where */
export function prepareLooks(where) {
  for (const choice of where.querySelectorAll("[data-card]")) {
    choice.value = wanted()[choice.dataset.card] ?? "";
    choice.addEventListener("change", () => {
      localStorage.setItem(KEPT, JSON.stringify({ ...wanted(), [choice.dataset.card]: choice.value }));
      document.querySelectorAll("iframe.card-frame").forEach(dress);
    });
  }
}

document.addEventListener("look", () => document.querySelectorAll("iframe.card-frame").forEach(dress));
