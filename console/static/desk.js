/**
 * 接听台: answers as the caller's words are typed, chosen and read by keys; a request beside them, kept as it is written.
 * F2 to the words, F4 to the request, Ctrl+Enter registers; what is typed is kept on the server, never in the browser.
 */

import { onTyped } from "./typed.js";

const SEARCH_AFTER = 90; // milliseconds without a key
const LOOK_AFTER = 400;
const KEEP_AFTER = 800;
const SHOWN_FACETS = 9;

const part = (name) => document.querySelector(`[data-${name}]`);
const form = part("request");
const words = part("words");
const list = part("found");
const entryPart = part("entry");
const besidePart = part("beside");
const headers = { "X-Form-Key": document.body.dataset.formKey };

let entries = [];
let at = -1; // of the entry that is shown
let facet = -1; // of its facets; -1: the short answer
let order = ""; // of the guide of the entry that is shown
let asked, looked, keeping, searching, looking;
let leaving = false;

/* ---------------------------------------------------------------- small parts */

function problem(said) {
  part("problem").hidden = !said;
  part("problem").querySelector("span").textContent = said;
}

const tell = (said) => (part("told").textContent = said);
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const STAYS = {
  401: "登录已经结束，写的内容还在页面上：请在新窗口登录，再回来按“登记”。",
  403: "这一页打开以后又重新登录过，写的内容还在页面上：按“登记”就能接着提交。",
};

async function sent(path, body, more = {}) {
  const response = await fetch(`/console/desk/${path}`, { method: "POST", body, headers, ...more });
  if (STAYS[response.status]) throw new Error(STAYS[response.status]);
  return response;
}

const toldBy = (error, otherwise) => (Object.values(STAYS).includes(error.message) ? error.message : otherwise);

/** @param {() => Promise<void>} work what may fail as the network does; another that follows it ends it silently */
async function trying(work) {
  try {
    await work();
    problem("");
  } catch (error) {
    if (error.name !== "AbortError" && !leaving) problem(toldBy(error, "现在连不上服务器，写的内容还在页面上，请过一会儿再试。"));
  }
}

/* ---------------------------------------------------------------- answers */

function searchSoon() {
  if (words.value && part("saved")) {
    part("saved").remove(); // the next caller must not be told the number of the one before
    history.replaceState(null, "", "/console/desk");
  }
  clearTimeout(searching);
  searching = setTimeout(search, SEARCH_AFTER);
}

function search() {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  return trying(async () => {
    const response = await sent("answers", new URLSearchParams({ words: words.value }), { signal });
    if (!response.ok) throw new Error(String(response.status));
    const told = await response.json();
    showFound(told.entries);
    part("doubtful").hidden = told.kind !== "no_answer" || !told.entries.length;
  });
}

function showFound(found) {
  entries = found;
  list.replaceChildren(...entries.map(option));
  list.hidden = !entries.length;
  words.setAttribute("aria-expanded", String(Boolean(entries.length)));
  part("nothing").hidden = entries.length > 0;
  choose(entries.length ? 0 : -1);
  tell(words.value.trim() ? (entries.length ? `找到 ${entries.length} 条` : "没有找到条目") : "");
}

function option(entry, number) {
  const made = document.createElement("li");
  made.id = `found-${number}`;
  made.setAttribute("role", "option");
  made.textContent = entry.title;
  if (entry.staff) {
    const mark = made.appendChild(document.createElement("span"));
    mark.className = "badge warn";
    mark.textContent = "仅内部";
  }
  made.addEventListener("click", () => {
    choose(number);
    entryPart.focus();
  });
  return made;
}

/** Shows an entry; -1: none. */
function choose(number) {
  at = number;
  facet = -1;
  for (const [index, each] of [...list.children].entries()) each.setAttribute("aria-selected", String(index === at));
  entryPart.hidden = at < 0;
  if (at < 0) return words.removeAttribute("aria-activedescendant");
  words.setAttribute("aria-activedescendant", `found-${at}`);
  list.children[at].scrollIntoView({ block: "nearest" });
  order = newId();
  showEntry(entries[at]);
}

function showEntry(entry) {
  part("title").textContent = entry.title;
  part("about").textContent = [entry.unit, entry.staff && "仅内部：照着办，不要念原文"].filter(Boolean).join(" · ");
  part("speech").textContent = entry.speech;
  part("answer").textContent = entry.answer;
  part("whole").hidden = entry.answer.trim() === entry.speech;
  part("facets").replaceChildren(...entry.facets.slice(0, SHOWN_FACETS).map(facetButton));
  part("text").hidden = true;
  const send = part("send");
  const sms = part("sms");
  send.hidden = !entry.sms;
  sms.textContent = entry.sms ? `短信（${entry.sms.parts} 条）：${entry.sms.text}` : entry.staff ? "仅内部的条目不能发短信。" : sms.dataset.none || "这一条没有可以发的短信。";
}

function facetButton(told, number) {
  const made = document.createElement("button");
  made.type = "button";
  made.setAttribute("aria-pressed", "false");
  made.setAttribute("aria-keyshortcuts", String(number + 1));
  const key = document.createElement("kbd");
  key.textContent = number + 1;
  key.setAttribute("aria-hidden", "true");
  made.append(told.title, " ", key);
  made.addEventListener("click", () => showFacet(number));
  return made;
}

/** A facet, or the short answer again when it was shown already. */
function showFacet(number) {
  const told = entries[at].facets[number];
  if (!told) return;
  facet = facet === number ? -1 : number;
  for (const [index, each] of [...part("facets").children].entries()) each.setAttribute("aria-pressed", String(index === facet));
  part("text").hidden = facet < 0;
  part("text").textContent = facet < 0 ? "" : told.text;
  tell(facet < 0 ? entries[at].speech : `${told.title}：${told.text}`);
}

const shownText = () => (facet < 0 ? entries[at].answer : entries[at].facets[facet].text);

async function copy() {
  try {
    await navigator.clipboard.writeText(shownText());
    tell("已复制。");
    part("sms").textContent = "已复制。";
  } catch {
    problem("浏览器不让复制，请选中文字再按 Ctrl+C。");
  }
}

/** The entry becomes what was answered on the spot. */
function use() {
  const entry = entries[at];
  form.elements.answer.value = shownText();
  form.elements.matter.value = entry.title;
  takeWords();
  form.elements.answer.focus();
  changed();
}

function sendGuide() {
  const phone = form.elements.phone;
  if (!entries[at]?.sms) return undefined;
  if (!phone.value.trim()) {
    problem("请先问来电人的手机号，写在“来电号码”里，再按 s 发短信。");
    phone.focus();
    return undefined;
  }
  const fields = { entry: entries[at].slug, phone: phone.value, order };
  let refused = "";
  return trying(async () => {
    const told = await (await sent("guide", new URLSearchParams(fields))).json();
    refused = told.error ?? "";
    if (told.said) part("sms").textContent = told.said;
    tell(told.said ?? "");
  }).then(() => refused && problem(refused));
}

/* ---------------------------------------------------------------- the request */

/** What the caller said goes along, where nothing else is written yet. */
function takeWords() {
  if (!form.elements.description.value.trim()) form.elements.description.value = words.value.trim();
}

function toRequest() {
  takeWords();
  const { phone, name, description } = form.elements;
  (phone.value.trim() ? (name.value.trim() ? description : name) : phone).focus();
  changed();
}

function toWords() {
  words.focus();
  words.select();
}

function changed() {
  clearTimeout(looking);
  looking = setTimeout(look, LOOK_AFTER);
  clearTimeout(keeping);
  keeping = setTimeout(keep, KEEP_AFTER);
}

function look() {
  looked?.abort();
  looked = new AbortController();
  const { signal } = looked;
  return trying(async () => {
    const response = await sent("beside", new URLSearchParams(new FormData(form)), { signal });
    if (!response.ok) throw new Error(String(response.status));
    const text = await response.text();
    if (besidePart.contains(document.activeElement)) return; // nothing moves under somebody's hands
    besidePart.innerHTML = text;
    besidePart.dataset.seen = form.elements.description.value;
  });
}

async function keep() {
  clearTimeout(keeping);
  keeping = undefined;
  try {
    const response = await sent("draft", new URLSearchParams(new FormData(form)), { keepalive: true });
    part("kept").textContent = response.ok ? "草稿已存。" : "草稿还没有存上。";
  } catch (error) {
    part("kept").textContent = leaving ? "" : toldBy(error, "草稿还没有存上。");
  }
}

/* ---------------------------------------------------------------- keys */

const single = () => localStorage.getItem("ltb-single-keys") !== "off";

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.target.closest("dialog")) return;
  if (event.key === "F2") return done(event, toWords);
  if (event.key === "F4") return done(event, toRequest);
  if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s")) {
    return done(event, () => form.requestSubmit(form.querySelector("[name=do][value=register]")));
  }
  if (event.ctrlKey || event.metaKey) return undefined;
  if (event.target === words) return inWords(event);
  if (event.target.closest("input, textarea, select")) return inFields(event);
  return single() ? outside(event) : undefined;
});

function done(event, act) {
  event.preventDefault();
  act();
}

function inWords(event) {
  if (event.key === "Enter") return done(event, () => (at >= 0 ? entryPart.focus() : undefined));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && entries.length) done(event, () => choose((at + step + entries.length) % entries.length));
  return undefined;
}

/** Enter goes on to the next field: it must not register a request by mistake. */
function inFields(event) {
  if (event.key === "Escape") return done(event, toWords);
  if (event.key !== "Enter" || !event.target.matches("input:not([type=checkbox])") || event.target.form !== form) return undefined;
  const fields = [...form.elements].filter((each) => each.matches("input:not([type=hidden]), select, textarea"));
  return done(event, () => fields[fields.indexOf(event.target) + 1]?.focus());
}

function outside(event) {
  if (/^[1-9]$/.test(event.key) && at >= 0) return done(event, () => showFacet(Number(event.key) - 1));
  const acts = { e: toWords, g: toRequest, Escape: toWords };
  if (at >= 0) Object.assign(acts, { c: copy, a: use, s: sendGuide });
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && event.target === entryPart) return done(event, () => choose((at + step + entries.length) % entries.length));
  return acts[event.key] ? done(event, acts[event.key]) : undefined;
}

/* ---------------------------------------------------------------- beginning */

onTyped(words, searchSoon);
onTyped(form, changed);
onTyped(words, changed);
form.addEventListener("submit", () => {
  leaving = true;
  clearTimeout(keeping);
  clearTimeout(looking);
  keeping = undefined;
});
window.addEventListener("pagehide", () => {
  leaving = true;
  if (keeping) keep();
});
part("copy").addEventListener("click", copy);
part("use").addEventListener("click", use);
part("send").addEventListener("click", sendGuide);
part("next")?.addEventListener("click", toWords);
besidePart.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const field = form.elements[button.dataset.fill];
  field.value = button.dataset.value;
  field.focus();
  changed();
});
if (words.value.trim()) search();
