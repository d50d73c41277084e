/* What the pages do beyond being read: colours, turning and filtering cards, searching. Without it everything is there
   to be read, both sides of every card. */
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // Storage may be forbidden, on a disk above all; then nothing is remembered.
  const remembered = (storage, key) => { try { return window[storage].getItem(key); } catch { return null; } };
  const remember = (storage, key, value) => { try { window[storage].setItem(key, value); } catch { /* as above */ } };

  const LOOK = "trialdeck-look";
  const nightBySystem = matchMedia("(prefers-color-scheme: dark)");
  let look = remembered("localStorage", LOOK) || "";
  const paint = () => {
    const isNight = look ? look === "night" : nightBySystem.matches;
    root.classList.toggle("nightMode", isNight);
    root.classList.toggle("dayMode", !isNight);
    for (const button of document.querySelectorAll("[data-look]")) {
      button.setAttribute("aria-pressed", String(button.dataset.look === look));
    }
  };
  paint();
  nightBySystem.addEventListener("change", paint);

  document.addEventListener("DOMContentLoaded", () => {
    paint();
    for (const button of document.querySelectorAll("[data-look]")) {
      button.addEventListener("click", () => { look = button.dataset.look; remember("localStorage", LOOK, look); paint(); });
    }
    const slots = document.querySelector(".slots");
    if (slots) cards(slots, document.querySelector("[data-filters]"));
    const form = document.querySelector("[data-search]");
    if (form) search(form);
    letScrollersBeReached();
    addEventListener("resize", letScrollersBeReached);
  });

  // A reader without a mouse can only scroll what can have the focus.
  function letScrollersBeReached() {
    for (const each of document.querySelectorAll(".card :is(table, pre), .prose :is(table, pre), .wide")) {
      if (each.scrollWidth > each.clientWidth) each.tabIndex = 0; else each.removeAttribute("tabindex");
    }
  }

  const folded = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const wordsOf = text => folded(text).split(/\s+/).filter(Boolean);
  const counted = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

  function cards(list, form) {
    const key = `trialdeck-cards:${location.pathname}`;
    const all = [...list.querySelectorAll(".slot")];
    const texts = new Map();
    const textOf = slot => {
      if (!texts.has(slot)) texts.set(slot, folded(slot.querySelector(".sides").textContent));
      return texts.get(slot);
    };
    const shown = () => all.filter(slot => !slot.hidden);

    const turn = (slot, isTurned = !slot.classList.contains("turned")) => {
      slot.classList.toggle("turned", isTurned);
      const button = slot.querySelector(".turn");
      button.setAttribute("aria-expanded", String(isTurned));
      button.firstChild.data = isTurned ? "Show question" : "Show answer";
      letScrollersBeReached();
    };
    const filter = () => {
      const words = wordsOf(form.find.value);
      for (const slot of all) {
        const { perspective, audience, reviewed } = slot.dataset;
        slot.hidden = !(
          (!form.perspective.value || form.perspective.value === perspective) &&
          (!form.audience.value || !audience || audience.split(" ").includes(form.audience.value)) &&
          (!form.reviewed.value || form.reviewed.value === reviewed) &&
          words.every(word => textOf(slot).includes(word)));
      }
      list.classList.toggle("both", form.both.checked);
      list.classList.toggle("phone", form.phone.checked);
      form.querySelector("output").value = counted(shown().length, "card");
      letScrollersBeReached();
    };
    const fields = () => [...form.elements].filter(field => field.name);
    const keep = () => {
      const values = fields().map(field => [field.name, field.type === "checkbox" ? field.checked : field.value]);
      const turned = all.filter(slot => slot.classList.contains("turned")).map(slot => slot.id);
      remember("sessionStorage", key, JSON.stringify({ fields: Object.fromEntries(values), turned }));
    };
    const restore = () => {
      let kept = {};
      try { kept = JSON.parse(remembered("sessionStorage", key) || "{}"); } catch { /* written by somebody else */ }
      for (const field of fields()) {
        const value = (kept.fields || {})[field.name];
        if (typeof value === "boolean") field.checked = value; else if (value) field.value = value;
      }
      for (const slot of all) if ((kept.turned || []).includes(slot.id)) turn(slot, true);
      filter();
    };
    // Who follows a link to a card is to see it, whatever was filtered before.
    const showTarget = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.hidden) { form.reset(); filter(); keep(); target.scrollIntoView(); }
    };
    const go = step => {
      const among = shown();
      const here = document.activeElement.closest(".slot");
      const next = here ? among[among.indexOf(here) + step] : among[step > 0 ? 0 : among.length - 1];
      if (!next) return;
      next.querySelector(form.both.checked ? "h3 a" : ".turn").focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    };

    form.addEventListener("submit", event => event.preventDefault());
    form.addEventListener("input", () => { filter(); keep(); });
    list.addEventListener("click", event => {
      const slot = event.target.closest(".slot");
      const isOnCard = event.target.closest(".sides") && !event.target.closest("a, summary, button");
      const isSelecting = String(getSelection()) !== "";
      if (slot && (event.target.closest(".turn") || (isOnCard && !form.both.checked && !isSelecting))) { turn(slot); keep(); }
    });
    document.addEventListener("keydown", event => {
      const isForward = event.key === "ArrowRight";
      if ((!isForward && event.key !== "ArrowLeft") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target.closest("input, select, textarea, [tabindex='0']")) return;
      event.preventDefault();
      go(isForward ? 1 : -1);
    });
    addEventListener("hashchange", showTarget);
    restore();
    showTarget();
  }

  function search(form) {
    const STEP = 50;
    const list = document.querySelector(".found");
    const more = document.querySelector("[data-more]");
    const output = form.querySelector("output");
    let entries = null;
    let found = [];
    let timer = 0;

    const asked = new URLSearchParams(location.search);
    form.q.value = asked.get("q") || "";

    const option = (select, value, label) => select.add(new Option(label, value));
    const read = index => {
      index.trials.forEach(([, name], place) => option(form.trial, place, name));
      index.perspectives.forEach((name, place) => option(form.perspective, place, name));
      index.audiences.forEach((name, place) => option(form.audience, place, name.replace("-", " ")));
      entries = index.trials.flatMap(([page, name, title, notes], trial) => {
        const about = folded(`${name} ${title}`);
        return notes.map(([anchor, perspective, audience, reviewed, front, back]) => ({
          trial, perspective, audience, reviewed, front, back, name, address: `${page}#${anchor}`,
          says: { about, front: folded(front), back: folded(back) }, label: index.perspectives[perspective],
        }));
      });
      run();
    };
    // Front first, then the rest of the card, then the trial: nearer comes first.
    const near = (entry, word) =>
      entry.says.front.includes(word) ? 0 : entry.says.back.includes(word) ? 1 : entry.says.about.includes(word) ? 2 : 9;
    const isWanted = entry =>
      (!form.trial.value || Number(form.trial.value) === entry.trial) &&
      (!form.perspective.value || Number(form.perspective.value) === entry.perspective) &&
      (!form.audience.value || !entry.audience.length || entry.audience.includes(Number(form.audience.value))) &&
      (!form.reviewed.value || (form.reviewed.value === "yes") === Boolean(entry.reviewed));
    const run = () => {
      const words = wordsOf(form.q.value);
      found = entries.filter(isWanted)
        .map(entry => [Math.max(0, ...words.map(word => near(entry, word))), entry])
        .filter(([distance]) => distance < 9)
        .sort(([one], [other]) => one - other)
        .map(([, entry]) => entry);
      list.replaceChildren();
      show();
      output.value = counted(found.length, "note");
    };
    const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });
    const show = () => {
      for (const entry of found.slice(list.children.length, list.children.length + STEP)) {
        const item = document.createElement("li");
        const link = element("a", entry.front || entry.back);
        link.href = entry.address;
        item.append(link);
        if (entry.front) item.append(element("p", entry.back));
        item.append(element("p", `${entry.name} · ${entry.label}`, "facts"));
        list.append(item);
      }
      more.hidden = list.children.length >= found.length;
    };
    const load = () => {
      const script = document.createElement("script");
      script.src = form.dataset.search;
      script.addEventListener("load", () => read(window.trialdeckIndex));
      script.addEventListener("error", () => { output.value = "The search index cannot be loaded."; });
      document.head.append(script);
      output.value = "Loading …";
    };
    let isLoading = false;
    const start = () => {
      if (entries) run();
      else if (!isLoading) { isLoading = true; load(); }
    };
    form.addEventListener("submit", event => { event.preventDefault(); start(); });
    form.addEventListener("focusin", start, { once: true });
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(start, 20); });
    more.addEventListener("click", show);
    if (form.q.value) start();
  }
})();
