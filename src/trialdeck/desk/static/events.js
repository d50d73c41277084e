/* What the server tells: changes of records, from this desk or from outside. Each stream takes one of the six connections
   that a browser has for a host, so one tab listens and relays to the others. Every page gets a `desk` event on its
   document with what was told as `detail`, such as {"record": "aspire.yaml", "outside": true}; what this tab itself
   has done is left out. {"connected": false} says that the server does not answer; {"connected": true} that it does, and
   that something may have been missed since the page was made. */

/** The name of this page for the server: it need not hear of what it has done itself. */
export const TAB = crypto.randomUUID();

const AGAIN = 1000;
const channel = new BroadcastChannel("desk-events");

/** @param {{connected?: boolean, tab?: string}} told */
function hear(told) {
  if (told.tab === TAB) return;
  if ("connected" in told) {
    document.documentElement.dataset.connected = String(told.connected);
    const banner = document.getElementById("offline");
    if (banner) banner.hidden = Boolean(told.connected);
  }
  document.dispatchEvent(new CustomEvent("desk", { detail: told }));
}

/** @param {object} told */
function relay(told) {
  channel.postMessage(told);
  hear(told);
}

function listen() {
  const stream = new EventSource("/events");
  stream.addEventListener("open", () => relay({ connected: true }));
  stream.addEventListener("message", event => relay(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    if (document.documentElement.dataset.connected !== "false") relay({ connected: false });
    // After a refusal the browser does not try again by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN);
  });
  addEventListener("pagehide", () => stream.close(), { once: true });
}

channel.addEventListener("message", event => hear(event.data));
// The lock is held until this page goes; then the next tab gets it, and listens.
navigator.locks.request("desk-events", () => { listen(); return new Promise(() => {}); });
