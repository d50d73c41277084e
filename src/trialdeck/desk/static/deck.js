/* The cards of a deck: turn to the next, choose others, without a new page. */
import { prepareFrames, prepareLooks } from "./card_frame.js";

const form = document.getElementById("choice");
let latest = 0;

/**
 * Show another card, or another choice of cards.
 * @param {string} address
 * @param {boolean} isBack whether the address is in the history already
 */
async function go(address, isBack = false) {
  const own = ++latest;
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (own !== latest) return;
  const next = page.getElementById("deck");
  if (!answer.ok || !next) return location.assign(address);
  const hadFocus = document.getElementById("deck").contains(document.activeElement);
  const isOpen = document.querySelector(".deck-list details")?.open;
  const list = document.querySelector(".deck-list ol");
  const from = list?.start, top = list?.scrollTop;
  document.getElementById("deck").replaceWith(document.adoptNode(next));
  const fold = next.querySelector(".deck-list details");
  if (fold && isOpen !== undefined) fold.open = isOpen;
  const fresh = next.querySelector(".deck-list ol");
  if (fresh?.start === from) fresh.scrollTop = top;
  fresh?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  prepareFrames(next);
  if (hadFocus) next.querySelector("#card-head")?.focus({ preventScroll: true });
  if (!isBack) history.pushState(null, "", address);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#deck a[href^='/cards']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});

const RELS = { ArrowRight: "next", ArrowLeft: "prev" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, summary")) return;
  if (RELS[event.key]) {
    const link = document.querySelector(`#deck a[rel=${RELS[event.key]}]`);
    if (!link) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  } else if (event.key === "e") {
    document.querySelector(".card-facts a")?.click();
  }
});

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = [...new FormData(form)].filter(([, value]) => value);
  go(`/cards?${new URLSearchParams(words)}`);
});
form?.addEventListener("change", () => form.requestSubmit());
// A record was changed, in this desk or outside: the disk is the truth.
document.addEventListener("desk", ({ detail }) => (detail.record || detail.file) && go(location.pathname + location.search, true));
addEventListener("popstate", () => go(location.pathname + location.search, true));

prepareFrames(document);
prepareLooks(document);
// On a phone the list comes after the card, folded.
if (matchMedia("(max-width: 48rem)").matches) document.querySelector(".deck-list details")?.removeAttribute("open");
form?.querySelector(".submit")?.setAttribute("hidden", "");
