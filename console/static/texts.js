/** A text beside what the citizen sees, a moment after the last key; what may stand in braces is one press away. */

import { onTyped } from "./typed.js";

const PAUSE = 400; // milliseconds
const form = document.querySelector("form[data-text]");
const field = form.elements.text;
const preview = document.querySelector("[data-preview]");
let waiting, asked;

if (preview) onTyped(field, soon);

for (const button of form.querySelectorAll("[data-insert]"))
  button.addEventListener("click", () => {
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
}

async function show() {
  const sent = new FormData();
  sent.set("text", field.value);
  asked?.abort();
  asked = new AbortController();
  try {
    const response = await fetch(form.dataset.previewAt, {
      method: "POST",
      body: sent,
      headers: { "X-Form-Key": document.body.dataset.formKey },
      signal: asked.signal,
    });
    if (response.ok) preview.innerHTML = await response.text(); // our own template, which escapes what was typed
  } catch {
    // a later one was sent, or the network is away; saving checks again
  }
}
