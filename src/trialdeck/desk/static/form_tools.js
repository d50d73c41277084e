/* What helps to write: gaps, raised and lowered digits, Greek letters, formulas. All by mouse and by keyboard. */
import { send, toast } from "./desk.js";
import { ask } from "./form_asks.js";
import { addStatement } from "./form_sentences.js";
import { fieldOf } from "./form_values.js";

const RAISED = new Map([..."0123456789+-−=()ni"].map((sign, index) => [sign, [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ"][index]]));
const LOWERED = new Map([..."0123456789+-−=()"].map((sign, index) => [sign, [..."₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"][index]]));
const SIGNS = [..."αβγδεζηθικλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ±×·≤≥≠≈→↑↓°–½"];
const PARTS = [["a/b", "\\frac{a}{b}"], ["xⁿ", "x^{n}"], ["xₙ", "x_{n}"], ["√", "\\sqrt{x}"], ["×", "\\times "], ["≤", "\\le "], ["≥", "\\ge "], ["text", "\\text{ }"], ["Σ", "\\sum "]];
const KEYS = { c: "gap", ".": "sup", ",": "sub", f: "formula" };

export class Tools {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    this.bar = document.querySelector(".text-tools");
    /** The text field that the tools write into. @type {HTMLTextAreaElement | null} */
    this.field = null;
    document.addEventListener("focusin", (event) => this.follow(event.target));
    // A click on a tool must not take the focus, and the marked words, from the text.
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    this.bar.addEventListener("click", (event) => this.use(event.target.closest("[data-tool]")?.dataset.tool));
    this.bar.addEventListener("keydown", (event) => this.step(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
    this.offer("signs", SIGNS.map((sign) => [sign, sign]), (sign) => document.getElementById("ask-greek").close(sign));
    const tex = document.getElementById("formula-tex");
    this.offer("formula-parts", PARTS, (part) => { tex.setRangeText(part, tex.selectionStart, tex.selectionEnd, "end"); tex.focus(); this.draw(); });
    tex.addEventListener("input", () => this.draw());
    this.follow(document.body);
  }

  /** @param {Element} target */
  follow(target) {
    if (this.bar.contains(target) || target.closest?.("dialog")) return;
    this.field = target.matches?.("textarea[data-marked]") ? target : null;
    this.bar.setAttribute("aria-disabled", String(!this.field));
    this.bar.querySelectorAll("button").forEach((button, index) => {
      button.disabled = !this.field;
      button.tabIndex = index ? -1 : 0;
    });
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const buttons = [...this.bar.querySelectorAll("button")];
    const next = buttons.indexOf(document.activeElement) + { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") this.field?.focus();
    if (Number.isNaN(next)) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length].focus();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (!this.field || event.target !== this.field) return;
    if (event.altKey && event.key === "F10") return this.bar.querySelector("button").focus();
    const key = event.key.toLowerCase();
    const isShifted = key === "c" || key === "f";
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !KEYS[key] || isShifted !== event.shiftKey) return;
    event.preventDefault();
    this.use(KEYS[key]);
  }

  /** @param {string | undefined} tool */
  use(tool) {
    if (!this.field || !tool) return;
    if (tool === "gap") this.gap();
    else if (tool === "sup") this.shift(RAISED, "^");
    else if (tool === "sub") this.shift(LOWERED, "_");
    else if (tool === "greek") this.choose();
    else this.formula("");
  }

  get marked() { return this.field.value.slice(this.field.selectionStart, this.field.selectionEnd); }

  /** Write in place of the marked words, so that the browser can undo it. @param {string} text */
  insert(text) {
    this.field.focus();
    if (document.execCommand("insertText", false, text)) return;
    // Behind a dialog the browser does not take it as typed.
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  gap() {
    const words = this.marked.trim();
    if (!words) return toast("Mark the words that the gap hides, and choose Gap again.");
    if ("gaps" in this.field.dataset) {
      const numbers = [...this.field.value.matchAll(/\{\{c([0-9]+)::/g)].map((match) => Number(match[1]));
      return this.insert(`{{c${Math.max(0, ...numbers) + 1}::${words}}}`);
    }
    const statements = fieldOf(this.field)?.closest(".entry-body")?.querySelector("[data-statements]");
    if (!statements) return toast("A gap needs a question or a point: this text is for reading.");
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    const before = Math.max(...[". ", "? ", "! ", "\n"].map((mark) => { const place = value.lastIndexOf(mark, start - 1); return place < 0 ? 0 : place + mark.length; }));
    const ends = [". ", "? ", "! ", "\n"].map((mark) => value.indexOf(mark, end)).filter((place) => place >= 0).map((place) => place + 1);
    const after = Math.min(value.length, ...ends);
    const sentence = `${value.slice(before, start)}{{c1::${words}}}${value.slice(start + this.marked.trimEnd().length, after)}`;
    addStatement(this.form.entries, statements, sentence.trim());
    toast("A sentence with a gap was added below.");
  }

  /** @param {Map<string, string>} signs @param {string} mark of TeX */
  shift(signs, mark) {
    const words = this.marked;
    if (!words) return toast("Mark the digits first, and choose again.");
    if ([...words].every((sign) => signs.has(sign))) this.insert([...words].map((sign) => signs.get(sign)).join(""));
    else this.formula(`${mark}{\\text{${words}}}`);
  }

  async choose() {
    const { field } = this;
    const place = [field.selectionStart, field.selectionEnd];
    const sign = await ask("ask-greek");
    field.focus();
    field.setSelectionRange(...place);
    if (sign) this.insert(sign);
  }

  /** @param {string} tex */
  async formula(tex) {
    const input = document.getElementById("formula-tex");
    const { field } = this;
    const place = [field.selectionStart, field.selectionEnd];
    input.value = tex || this.marked.replace(/^\\\(|\\\)$/g, "");
    this.draw();
    const answer = await ask("ask-formula");
    field.focus();
    field.setSelectionRange(...place);
    if (answer === "yes" && input.value.trim()) this.insert(`\\(${input.value.trim()}\\)`);
  }

  async draw() {
    const shown = document.getElementById("formula-shown");
    const tex = document.getElementById("formula-tex").value;
    const answer = await (await send("/formula", { tex })).json();
    if (tex !== document.getElementById("formula-tex").value) return;
    const page = new DOMParser().parseFromString(answer.mathml, "text/html");
    shown.replaceChildren(...page.body.childNodes);
    if (tex.trim() && !answer.mathml) shown.textContent = "This is no whole formula yet.";
  }

  /** @param {string} id @param {string[][]} choices @param {(text: string) => void} take */
  offer(id, choices, take) {
    document.getElementById(id).replaceChildren(...choices.map(([called, text]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = called;
      button.addEventListener("click", () => take(text));
      return button;
    }));
  }
}
