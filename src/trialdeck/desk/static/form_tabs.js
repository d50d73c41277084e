/* The views of a trial: form, text, and on a narrow screen the card. */

const tabs = () => [...document.querySelectorAll("#trial-bar [role=tab]")];

/** Show a view. @param {string} name */
export function showTab(name) {
  document.getElementById("view-form").hidden = name !== "form";
  document.getElementById("view-text").hidden = name !== "text";
  document.body.dataset.view = name;
  for (const tab of tabs()) {
    tab.setAttribute("aria-selected", String(tab.dataset.show === name));
    tab.tabIndex = tab.dataset.show === name ? 0 : -1;
  }
}

/** Let tabs be chosen by a click and by arrows. @param {(name: string) => void} choose */
export function prepareTabs(choose) {
  for (const tab of tabs()) {
    tab.addEventListener("click", () => choose(tab.dataset.show));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const shown = tabs().filter((each) => each.offsetParent);
      const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
      event.preventDefault();
      choose(next.dataset.show);
      next.focus();
    });
  }
}
