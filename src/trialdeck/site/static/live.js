/* Only the preview server adds this to a page: reload when the site has been built anew, and say what is wrong. */
"use strict";
(() => {
  const own = document.currentScript.dataset.version;
  const notice = Object.assign(document.createElement("pre"), { className: "notice", hidden: true });
  notice.setAttribute("role", "status");
  notice.tabIndex = 0;
  notice.style.cssText = "white-space: pre-wrap; overflow-wrap: anywhere; max-width: 46rem; margin: 1rem auto";
  document.body.prepend(notice);

  const say = text => {
    if (notice.textContent !== text) notice.textContent = text;
    notice.hidden = !text;
  };
  const look = async () => {
    try {
      const state = await (await fetch("/-/state", { cache: "no-store" })).json();
      if (String(state.version) !== own) return location.reload();
      say(state.problem);
    } catch {
      say("The preview has ended.");
    }
    setTimeout(look, 400);
  };
  look();
})();
