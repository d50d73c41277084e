/* Long work on the server, told line by line: a bar while it goes on, and what came of it. */

import { send } from "./desk.js";

/** @typedef {{stage?: string, done?: number, total?: number, html?: string, report?: string, edition?: string,
 *   named?: string, message?: string, hint?: string, failed?: boolean, cancelled?: boolean}} Line */

/**
 * Ask for some work, show how far it is, and return its last line.
 * @param {string} address
 * @param {unknown} body
 * @param {string} name The name of the bar: `build` stands for `#build-progress`, `#build-bar` and `#build-stage`.
 * @param {(line: Line) => void} [hear] Gets each line but the last.
 * @returns {Promise<Line>}
 */
export async function follow(address, body, name, hear = () => {}) {
  const place = document.getElementById(`${name}-progress`);
  const bar = /** @type {HTMLProgressElement} */ (document.getElementById(`${name}-bar`));
  const stage = document.getElementById(`${name}-stage`);
  bar.removeAttribute("value");
  place.hidden = false;
  try {
    return await read(address, body, (line) => {
      stage.textContent = `${line.stage[0].toUpperCase()}${line.stage.slice(1)} …`;
      bar.max = Math.max(1, line.total);
      bar.value = line.done;
      hear(line);
    });
  } catch {
    return { failed: true, message: "The desk does not answer.", hint: "Start it again and reload this page: it shows what was written." };
  } finally {
    place.hidden = true;
  }
}

/**
 * Read an answer of JSON lines, each as soon as it comes.
 * @param {string} address
 * @param {unknown} body
 * @param {(line: Line) => void} show Gets each line but the last.
 * @returns {Promise<Line>}
 */
async function read(address, body, show) {
  const answer = await send(address, body);
  if (!answer.ok) return { failed: true, ...(await answer.json()) };
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let last = null;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      last = JSON.parse(line);
      if (last.stage) show(last);
    }
  }
  if (!last || last.stage) throw new Error("the answer was cut");
  return last;
}

/**
 * Show an answer in a place: HTML that the server made, or its message.
 * @param {Element} place
 * @param {Line} line
 */
export function show(place, line) {
  if (line.html) {
    place.innerHTML = line.html;
    return;
  }
  const message = document.createElement("p");
  message.className = line.failed ? "notice" : "done";
  message.textContent = line.message;
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = line.hint ?? "";
  place.replaceChildren(message, hint);
}
