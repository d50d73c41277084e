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
    const trials = document.querySelector("[data-trials]");
    if (trials) filterTrials(trials);
    const form = document.querySelector("[data-search]");
    if (form) search(form);
    letScrollersBeReached();
    addEventListener("resize", letScrollersBeReached);
    unfoldOnPaper();
  });

  // A reader without a mouse can only scroll what can have the focus.
  function letScrollersBeReached() {
    for (const each of document.querySelectorAll(".card :is(table, pre), .prose :is(table, pre), .wide")) {
      if (each.scrollWidth > each.clientWidth) each.tabIndex = 0; else each.removeAttribute("tabindex");
    }
  }

  // The styles unfold cards on paper; this is for browsers that do not know these styles.
  function unfoldOnPaper() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll(".cards:not([open]), .flip > details:not([open])")];
      for (const each of opened) each.open = true;
    });
    addEventListener("afterprint", () => { for (const each of opened) each.open = false; });
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
    const groups = [...list.querySelectorAll(".cards")];
    const unfold = slot => { slot.closest(".cards").open = true; };
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
      const isNarrowed = shown().length < all.length;
      for (const group of groups) {
        const count = group.querySelectorAll(".slot:not([hidden])").length;
        group.hidden = !count;
        group.querySelector(".count").textContent = counted(count, "card");
        if (isNarrowed) group.open = true;
      }
      if (isNarrowed) form.closest("details").open = true;
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
      if (form.open.checked) for (const group of groups) group.open = true;
      for (const slot of all) if ((kept.turned || []).includes(slot.id)) { turn(slot, true); unfold(slot); }
      filter();
    };
    // Who follows a link to a card is to see it, whatever was filtered before.
    const showTarget = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !target.classList.contains("slot")) return;
      if (target.hidden) { form.reset(); filter(); keep(); }
      unfold(target);
      target.scrollIntoView();
    };
    const go = step => {
      const among = shown();
      const here = document.activeElement.closest(".slot");
      const next = here ? among[among.indexOf(here) + step] : among[step > 0 ? 0 : among.length - 1];
      if (!next) return;
      unfold(next);
      next.querySelector(form.both.checked ? "h3 a" : ".turn").focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    };

    form.addEventListener("submit", event => event.preventDefault());
    form.addEventListener("input", event => {
      if (event.target === form.open) for (const group of groups) group.open = form.open.checked;
      filter();
      keep();
    });
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

  // --- The trials of the site by name

  function filterTrials(form) {
    const output = form.querySelector("output");
    const rows = [...document.querySelectorAll(".letter tbody tr")].map(row => [row, folded(row.textContent)]);
    const list = document.querySelector(".found");
    const MOST = 100;
    form.addEventListener("submit", event => event.preventDefault());
    const onPage = () => {
      const words = wordsOf(form.find.value);
      for (const [row, text] of rows) row.hidden = !words.every(word => text.includes(word));
      for (const letter of document.querySelectorAll(".letter")) letter.hidden = !letter.querySelector("tbody tr:not([hidden])");
      output.value = counted(rows.filter(([row]) => !row.hidden).length, "trial");
    };
    const fromList = async () => {
      const { trials } = await part(form.dataset.list);
      const words = wordsOf(form.find.value);
      const found = trials.filter(([file, name, title]) =>
        file.startsWith("trials/") && words.every(word => folded(`${name} ${title}`).includes(word)));
      list.replaceChildren(...(words.length ? found.slice(0, MOST) : []).map(([file, name, title]) => {
        const item = document.createElement("li");
        item.append(Object.assign(element("a", name), { href: file }), element("p", title, "facts"));
        return item;
      }));
      for (const each of document.querySelectorAll(".unfiltered, .letters")) each.hidden = Boolean(words.length);
      output.value = counted(words.length ? found.length : trials.filter(([file]) => file.startsWith("trials/")).length, "trial");
    };
    form.addEventListener("input", form.dataset.list ? fromList : onPage);
    if (form.find.value) form.dispatchEvent(new Event("input"));
  }

  // --- Searching

  const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

  // A part of the search index is a script that sets a variable: a page on a disk may not read other files.
  const parts = new Map();
  function part(address, name = "") {
    if (!parts.has(address)) {
      parts.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", () => resolve(name ? window.trialdeckIndex[name] : window.trialdeckIndex));
        script.addEventListener("error", () => { parts.delete(address); reject(new Error(address)); });
        document.head.append(script);
      }));
    }
    return parts.get(address);
  }

  function search(form) {
    const STEP = 50;
    const list = document.querySelector(".found");
    const more = document.querySelector("[data-more]");
    const output = form.querySelector("output");
    const { search: first, version } = form.dataset;
    let index = null;
    let run = 0;
    let timer = 0;
    let found = [];
    let waiting = [];

    form.q.value = new URLSearchParams(location.search).get("q") || "";

    const option = (select, value, label) => select.add(new Option(label, value));
    const open = async () => {
      if (index) return;
      const read = await part(`${first}?${version}`);
      if (index) return;
      index = read;
      index.trials.forEach(([, name], place) => option(form.trial, place, name));
      index.perspectives.forEach((name, place) => option(form.perspective, place, name));
      index.audiences.forEach((name, place) => option(form.audience, place, name.replace("-", " ")));
    };
    const hex = prefix => [...new TextEncoder().encode(prefix)].map(byte => byte.toString(16).padStart(2, "0")).join("") || "all";
    const load = name => part(`search/${name}.js?${version}`, name);

    // The pages in which a word begins with this one; null if that is not known, or too many.
    const pagesWith = async word => {
      const bare = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
      if ([...bare].length < 2) return null;
      const prefixes = index.words.filter(prefix => prefix.startsWith(bare) || bare.startsWith(prefix));
      const pages = new Set();
      for (const words of await Promise.all(prefixes.map(prefix => load(`words-${hex(prefix)}`)))) {
        for (const [known, distances] of Object.entries(words)) {
          if (!known.startsWith(bare)) continue;
          if (!distances.length) return null;
          let page = 0;
          for (const distance of distances) pages.add(page += distance);
        }
      }
      return pages;
    };
    const notesOf = async page => {
      const place = index.notes.findLastIndex(start => start <= page);
      return (await load(`notes-${place}`))[page - index.notes[place]];
    };
    // Front first, then the rest of the card, then the trial: nearer comes first.
    const near = (says, word) => [says.front, says.back, says.about].findIndex(text => text.includes(word));
    const isWanted = ([, perspective, audience, reviewed]) =>
      (!form.perspective.value || Number(form.perspective.value) === perspective) &&
      (!form.audience.value || !audience.length || audience.includes(Number(form.audience.value))) &&
      (!form.reviewed.value || (form.reviewed.value === "yes") === Boolean(reviewed));
    const matches = async (page, words) => {
      const [file, name, title] = index.trials[page];
      const about = folded(`${name} ${title}`);
      return (await notesOf(page)).filter(isWanted).flatMap(([anchor, perspective, , , front, back]) => {
        const says = { front: folded(front), back: folded(back), about };
        const distances = words.map(word => near(says, word));
        if (distances.includes(-1)) return [];
        const label = index.perspectives[perspective];
        return [{ distance: Math.max(0, ...distances), page, front, back, address: `${file}#${anchor}`, says: `${name} · ${label}` }];
      });
    };
    // Of the pages that may have what is looked for, those first whose names say it.
    const candidates = async words => {
      const sets = (await Promise.all(words.map(pagesWith))).filter(Boolean);
      const named = page => folded(`${index.trials[page][1]} ${index.trials[page][2]}`);
      const isNamed = page => words.length > 0 && words.some(word => named(page).includes(word));
      const among = form.trial.value ? [Number(form.trial.value)] : index.trials.map((_, page) => page);
      const pages = among.filter(page => index.trials[page][3] && sets.every(set => set.has(page)));
      return [...pages.filter(isNamed), ...pages.filter(page => !isNamed(page))];
    };
    // Read pages until there is enough to show; what is left waits for more to be asked for.
    const gather = async (mine, words, enough) => {
      while (waiting.length && found.length < enough) {
        const next = await matches(waiting[0], words);
        if (mine !== run) return false;
        waiting.shift();
        const isFirst = !found.length && next.length > 0;
        found.push(...next);
        if (isFirst) show(enough);  // an answer at once; more follow
      }
      return true;
    };
    const show = enough => {
      const isWhole = !waiting.length;
      const ordered = isWhole && found.length <= STEP ? [...found].sort((one, other) => one.distance - other.distance) : found;
      list.replaceChildren(...ordered.slice(0, enough).map(entry => {
        const item = document.createElement("li");
        const link = element("a", entry.front || entry.back);
        link.href = entry.address;
        item.append(link);
        if (entry.front) item.append(element("p", entry.back));
        item.append(element("p", entry.says, "facts"));
        return item;
      }));
      more.hidden = isWhole && found.length <= enough;
      output.value = isWhole ? counted(found.length, "note") : `More than ${counted(found.length, "note")}`;
    };
    const answer = async enough => {
      const mine = ++run;
      try {
        await open();
        const words = wordsOf(form.q.value);
        if (enough === STEP) {
          const pages = await candidates(words);
          if (mine !== run) return;
          found = [];
          waiting = pages;
        }
        if (await gather(mine, words, enough + 1)) show(enough);
      } catch {
        if (mine === run) output.value = "The search index cannot be loaded.";
      }
    };
    const start = () => {
      if (!index) output.value = "Loading …";
      return answer(STEP);
    };
    form.addEventListener("submit", event => { event.preventDefault(); start(); });
    form.addEventListener("focusin", start, { once: true });
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(start, 20); });
    more.addEventListener("click", () => answer(list.children.length + STEP));
    if (form.q.value) start();
  }
})();
