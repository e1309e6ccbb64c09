/** Tickets: choices narrowed by words, several picked at once, what a move announces shown as it is written. */

import { onTyped } from "./typed.js";

for (const box of document.querySelectorAll("[data-narrows], [data-narrows-ticks]")) {
  box.hidden = false;
  onTyped(box, () => narrow(box));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it narrows; it does not send the form
  });
}

function narrow(box) {
  const words = box.value.trim();
  if (box.dataset.narrows === undefined) {
    for (const tick of box.closest("details").querySelectorAll(".tick")) tick.hidden = !tick.textContent.includes(words) && !tick.querySelector("input").checked;
    return;
  }
  const select = document.getElementById(box.dataset.narrows);
  const fitting = [...select.options].filter((option) => option.value && option.text.includes(words));
  for (const option of select.options) option.hidden = option.disabled = Boolean(option.value) && !fitting.includes(option);
  if (words && fitting.length && !fitting.some((option) => option.selected)) {
    select.value = fitting[0].value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const bulk = document.querySelector("form[data-bulk]");
if (bulk) {
  const all = bulk.querySelector("[data-pick-all]");
  const boxes = () => [...bulk.elements].filter((box) => box.name === "picked");
  const said = bulk.querySelector("[data-picked]");
  const plain = said.textContent;
  const tell = () => {
    const picked = boxes().filter((box) => box.checked).length;
    said.textContent = picked ? `已选 ${picked} 条。` : plain;
    all.checked = picked > 0 && picked === boxes().length;
  };
  all.addEventListener("change", () => {
    boxes().forEach((box) => (box.checked = all.checked));
    tell();
  });
  document.addEventListener("change", (event) => event.target.name === "picked" && tell());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("ltb-single-keys") === "off") return;
    const box = document.activeElement?.closest("tr")?.querySelector("input[name=picked]");
    if (box && document.activeElement.matches("a")) box.click();
  });
}

for (const mark of document.querySelectorAll("[data-said]")) {
  const field = document.getElementById(mark.dataset.said);
  if (!field) continue;
  const plain = mark.textContent;
  const show = () => {
    const chosen = field.matches("select") ? field.selectedOptions[0] : null;
    const text = chosen ? (chosen.value ? chosen.text : "") : field.value.trim();
    mark.textContent = text || plain;
  };
  field.addEventListener("input", show);
  field.addEventListener("change", show);
  show();
}
