/** Words that go to a citizen: checked a moment after the last key, kept as a draft, begun from a template. */

import { onTyped } from "./typed.js";

const PAUSE = 600; // milliseconds
const form = document.querySelector("form[data-move]");
const field = form.querySelector("[data-words]");
const doubts = form.querySelector("[data-doubts]");
const kept = form.querySelector("[data-kept]");
let waiting, asked;

if (field) onTyped(field, soon);
if (field?.value && doubts && !doubts.childElementCount) soon();
form.addEventListener("submit", () => {
  clearTimeout(waiting); // a draft that is kept after the reply was sent would come back with the next one
  asked?.abort();
});
form.querySelector("#unit")?.addEventListener("change", soon);
if (form.elements.route) onTyped(form.elements.route, soon);
form.querySelector("[data-template]")?.addEventListener("change", (event) => {
  if (!event.target.value) return;
  field.setRangeText(event.target.value, field.selectionStart, field.selectionEnd, "end");
  event.target.value = "";
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(check, PAUSE);
}

async function check() {
  const sent = new FormData();
  sent.set("verb", form.dataset.move);
  sent.set("text", field.value);
  sent.set("unit", form.elements.unit?.value ?? "");
  sent.set("route", form.elements.route?.value ?? "");
  asked?.abort();
  asked = new AbortController();
  let told;
  try {
    const response = await fetch(`/console/tickets/${form.dataset.ticket}/words`, {
      method: "POST",
      body: sent,
      headers: { "X-Form-Key": document.body.dataset.formKey },
      signal: asked.signal,
    });
    if (!response.ok) throw new Error(String(response.status));
    told = await response.json();
  } catch (error) {
    // A later one was sent, or the form itself; else the session has ended or the network is away.
    if (kept && error.name !== "AbortError") kept.textContent = "草稿没有存上，写的内容还在这一页。";
    return;
  }
  if (kept && field.value === sent.get("text")) document.dispatchEvent(new Event("kept"));
  if (doubts) show(told.findings);
  if (kept) kept.textContent = field.value.trim() ? "草稿已存。" : "";
}

/** The findings, hard ones first as they come; a tick that was set stays. */
function show(findings) {
  const confirmed = new Set([...form.querySelectorAll("[name=confirmed]:checked")].map((box) => box.value));
  doubts.replaceChildren(...findings.map((finding) => element(finding, confirmed)));
}

function element(finding, confirmed) {
  const box = document.createElement("div");
  box.className = `doubt ${finding.stops ? "hard" : "soft"}`;
  const said = box.appendChild(document.createElement("p"));
  const label = said.appendChild(document.createElement("strong"));
  label.textContent = `${finding.stops ? "必须改" : "请看一眼"} · ${finding.label} `;
  if (finding.quoted) {
    const place = said.appendChild(document.createElement("button"));
    place.type = "button";
    place.className = "quiet quoted";
    place.textContent = `“${finding.quoted}”`;
    place.addEventListener("click", () => {
      field.focus();
      field.setSelectionRange(finding.start, finding.end);
    });
  }
  said.append(finding.suggestion);
  if (!finding.stops) {
    const tick = box.appendChild(document.createElement("label"));
    tick.className = "tick";
    const input = tick.appendChild(document.createElement("input"));
    Object.assign(input, { type: "checkbox", name: "confirmed", value: finding.code, checked: confirmed.has(finding.code) });
    tick.appendChild(document.createElement("span")).textContent = "看过了，没有问题";
  }
  return box;
}
