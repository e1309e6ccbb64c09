/** Keys: / to the search, j and k through the list, [ and ] through its pages, Ctrl+S saves, ? explains. */

import { rowLinks, standOn } from "./place.js";

const KEPT = "ltb-single-keys";

export function watchKeys() {
  const help = document.getElementById("help");
  const single = help?.querySelector("[data-single-keys]");
  if (single) {
    single.checked = localStorage.getItem(KEPT) !== "off";
    single.addEventListener("change", () => localStorage.setItem(KEPT, single.checked ? "on" : "off"));
  }
  document.querySelector("[data-help]")?.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") return save(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog, [contenteditable]")) return;
    if (single && !single.checked) return;
    const act = { "/": search, "?": () => help?.showModal(), j: () => step(1), k: () => step(-1), "[": () => turn("prev"), "]": () => turn("next") }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}

function search() {
  const input = document.querySelector("[data-search]");
  input?.focus();
  input?.select();
}

/** Through the rows of the list; on a page that was opened from one, on to its neighbour. */
function step(by) {
  const links = rowLinks();
  if (!links.length) return document.querySelector(by > 0 ? "[data-following]:not([hidden])" : "[data-previous]:not([hidden])")?.click();
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  standOn(links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)]);
}

/** A row opens by a click anywhere on it; a selection of text, or another control in the row, is left alone. */
export function watchRows() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-list] tbody tr");
    if (!row || event.target.closest("a, button, input, select, label, summary") || String(getSelection())) return;
    row.querySelector("a[href]")?.click();
  });
}

function turn(where) {
  document.querySelector(`.paging a[rel="${where}"]`)?.click();
}

function save(event) {
  const form = event.target.closest?.("form[data-saves]") ?? document.querySelector("form[data-saves]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}
