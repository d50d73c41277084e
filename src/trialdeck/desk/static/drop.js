/* Drop files, or choose them: they are sent one by one, and then the page says what is in them. */
import { send, sentence, toast } from "./desk.js";

const LARGEST = 64_000_000;
const form = document.getElementById("drop");
const input = form.querySelector("input[type=file]");
const state = form.querySelector("#drop-state") || form.querySelector(".facts");
let isSending = false;

form.addEventListener("submit", event => event.preventDefault());
input.addEventListener("change", () => add([...input.files]));
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, event => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("over");
  });
}
document.addEventListener("dragleave", event => {
  if (!event.relatedTarget) form.classList.remove("over");
});
document.addEventListener("drop", event => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  form.classList.remove("over");
  add([...event.dataTransfer.files]);
});

/** @param {File[]} files */
async function add(files) {
  if (!files.length) return;
  if (isSending) return toast("Other files are being read. Add these when their page is there.");
  const large = files.find(file => file.size > LARGEST);
  if (large) return say(`${large.name} is larger than 64 MB. Export one deck, or download fewer studies at a time.`);
  isSending = true;
  form.setAttribute("aria-busy", "true");
  try {
    const { box } = await told(await send("/add", {}));
    for (const [number, file] of files.entries()) {
      say(`Reading ${file.name} (${number + 1} of ${files.length}) …`);
      await told(await fetch(`/add/${box}/files/${encodeURIComponent(file.name)}`, { method: "PUT", body: file }));
    }
    say("Looking at what is in it …");
    location.assign(`${form.getAttribute("action")}/${box}`);
  } catch (error) {
    say(error.message === "Failed to fetch" ? "The desk does not answer, or the file is a folder. Nothing was read." : error.message);
    toast("Nothing was added.");
  }
  input.value = "";
  isSending = false;
  form.removeAttribute("aria-busy");
}

/** @param {Response} answer */
async function told(answer) {
  const read = await answer.json();
  if (!answer.ok) throw new Error([read.message, read.hint].map(sentence).join(" ").trim());
  return read;
}

/** @param {string} text */
function say(text) {
  state.textContent = text;
}
