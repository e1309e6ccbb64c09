/** The form of an entry: kept while it is typed, with the preview beside it, and questions people asked one press away. */

import { onTyped } from "./typed.js";

const KEEP_AFTER = 2_500; // milliseconds without a key
const PREVIEW_AFTER = 400;
const form = document.querySelector("[data-entry]");
const kept = document.querySelector("[data-kept]");
const preview = document.querySelector("[data-preview]");
const timers = {};
let keeping = Promise.resolve();
let asked = 0;

const later = (name, work, after) => {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(work, after);
};

const send = (address) =>
  fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Form-Key": document.body.dataset.formKey } });

/** One after the other, so that the last words are those that are kept. */
function keep() {
  keeping = keeping.then(async () => {
    if (form.dataset.sent) return;
    const typed = new FormData(form);
    try {
      const response = await send(form.dataset.autosave);
      if (!response.ok) throw new Error(String(response.status));
      const told = await response.json();
      if (told.state === "kept") {
        const at = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
        const next = told.meanwhile ? `${told.meanwhile} 刚刚保存过这份草稿，您保存时会把两边摆在一起。` : "点“保存草稿”，同事才看得到。";
        kept.textContent = `写的已经存下（${at}）。${next}`;
        if (same(typed, new FormData(form))) document.dispatchEvent(new Event("kept"));
      } else kept.textContent = `没有自动保存：${told.said}`;
    } catch {
      kept.textContent = "没有自动保存，网络可能断了；写的都还在这一页。";
    }
  });
}

function same(one, other) {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}

async function show() {
  const number = ++asked;
  try {
    const response = await send(form.dataset.previewAt);
    const html = response.ok ? await response.text() : null;
    if (html !== null && number === asked) preview.innerHTML = html; // our own template, which escapes what was typed
  } catch {
    // the network is away; the next key asks again
  }
}

onTyped(form, () => {
  later("keep", keep, KEEP_AFTER);
  later("show", show, PREVIEW_AFTER);
});
form.addEventListener("submit", () => clearTimeout(timers.keep));

for (const button of document.querySelectorAll("[data-add]"))
  button.addEventListener("click", () => {
    const field = form.elements.similar_questions;
    field.value = [field.value.trimEnd(), button.dataset.add].filter(Boolean).join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector("[data-added]").textContent = `已加上“${button.dataset.add}”。`;
    const next = button.closest("li").nextElementSibling ?? button.closest("li").previousElementSibling;
    button.closest("li").remove();
    (next?.querySelector("button") ?? field).focus();
  });
