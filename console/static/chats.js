/**
 * 人工会话: who waits, the open talk, entries and a ticket beside it. The server tells what is new as events; whatever
 * an agent does is a POST, and comes back as an event like everything else. Text reaches the page as text only.
 */

import { chime, watchChime } from "./chime.js";
import { onTyped } from "./typed.js";

const SEARCH_AFTER = 60; // milliseconds without a key
const AGAIN_AFTER = 1000;
const root = document.querySelector("[data-chats]");
const part = (name) => document.querySelector(`[data-${name}]`);
const isAgent = root.dataset.agent === "yes";

const open = { id: null, after: 0, talk: null }; // the talk that is looked at
let board = null;
let skew = 0; // the server's clock minus ours, in milliseconds
let source = null;

/* ---------------------------------------------------------------- small parts */

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null && child !== false));
  return made;
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function problem(words) {
  part("problem").hidden = !words;
  part("problem").querySelector("span").textContent = words;
}

function say(words) {
  part("said").textContent = words;
}

/** @returns {Promise<?object>} what came back; null when it was refused, which has been told by then */
async function send(path, fields = {}) {
  const body = new URLSearchParams(fields);
  const headers = { "X-Form-Key": document.body.dataset.formKey, Accept: "application/json" };
  return read(fetch(`/console/chats/${path}`, { method: "POST", body, headers }));
}

async function read(asked) {
  try {
    const response = await asked;
    const told = await response.json().catch(() => ({ error: "没有做成，请刷新页面再试。" }));
    if (!response.ok && !told.errors) {
      problem(told.error ?? "没有做成，请再试一次。");
      return null;
    }
    problem("");
    return told;
  } catch {
    problem("现在连不上服务器，写的内容还在，请过一会儿再按一次。");
    return null;
  }
}

/* ---------------------------------------------------------------- clocks */

function clock(since) {
  const seconds = Math.max(0, Math.floor((Date.now() + skew - Date.parse(since)) / 1000));
  return { seconds, text: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` };
}

function tick() {
  for (const shown of document.querySelectorAll(".clock[data-since]")) {
    const { seconds, text } = clock(shown.dataset.since);
    const late = board && seconds > board.promise_seconds;
    shown.classList.toggle("late", Boolean(late));
    shown.textContent = late ? `超时 ${text}` : text;
  }
}

/* ---------------------------------------------------------------- the lists */

function item(talk) {
  const facts = [talk.channel, talk.urgent ? "危险" : talk.why, talk.state === "ended" && talk.ending].filter(Boolean).join(" · ");
  const waits = talk.state === "taken" ? "等您回复 " : "";
  return element("li", {},
    element("button", { type: "button", "data-id": talk.id, "aria-current": talk.id === open.id && "true", click: () => show(talk.id) },
      element("span", { class: "facts-line" }, facts),
      talk.waiting_since ? element("span", {}, waits, element("span", { class: "clock", "data-since": talk.waiting_since })) : element("span"),
      talk.agent && !isMine(talk) ? element("span", { class: "words" }, talk.agent) : null,
      element("span", { class: "words" }, talk.words || "还没有说什么")));
}

const isMine = (talk) => board.mine.some((each) => each.id === talk.id);

/** Fills a list anew; the keyboard stays where it was. */
function fill(list, talks) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  list.replaceChildren(...talks.map(item));
  if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus();
}

function showBoard(told) {
  const before = board;
  board = told;
  skew = Date.parse(told.at) - Date.now();
  const { waiting, mine, others, me } = told;
  part("waiting-count").textContent = waiting.length ? `${waiting.length} 位` : "";
  part("nobody").hidden = waiting.length > 0;
  fill(part("waiting"), waiting);
  part("others-part").hidden = !others.length;
  fill(part("others"), others);
  document.title = document.title.replace(/^(\(\d+\) )?/, waiting.length ? `(${waiting.length}) ` : "");
  if (before && waiting.length > before.waiting.length) {
    say(`有市民在等人工，现在 ${waiting.length} 位。`);
    chime();
  }
  if (isAgent) {
    fill(part("mine"), mine);
    part("none").hidden = mine.length > 0;
    const full = mine.filter((talk) => talk.state === "taken").length >= told.talks_at_once;
    part("next").hidden = !waiting.length || !me?.on_duty || full;
    part("full").hidden = !waiting.length || !me?.on_duty || !full;
    part("full").textContent = `您手上已经有 ${told.talks_at_once} 个会话，结束一个再接下一位。`;
    const duty = part("duty");
    duty.textContent = me?.on_duty ? "下线" : "上线";
    duty.setAttribute("aria-pressed", String(Boolean(me?.on_duty)));
    duty.classList.toggle("primary", !me?.on_duty);
    part("me").textContent = me?.on_duty ? `您在线上，市民看到的是“${me.name}”。` : "您还没有上线，市民排不到您。";
    showColleagues(told.colleagues);
  }
  tick();
}

function showColleagues(colleagues) {
  const select = part("colleague");
  if (select === document.activeElement) return;
  const options = colleagues.map(({ username, name, busy }) => element("option", { value: username }, `${name}（${busy} 个会话）`));
  select.replaceChildren(element("option", { value: "" }, colleagues.length ? "转给同事…" : "没有同事在线"), ...options);
}

/* ---------------------------------------------------------------- the open talk */

function show(id) {
  keepDraft();
  closeTicket();
  document.getElementById("reply-text").value = ""; // what was written to one citizen is never sent to another
  delete document.getElementById("reply-text").dataset.message;
  Object.assign(open, { id, after: 0, talk: null });
  showActs(null);
  part("log").replaceChildren();
  problem("");
  for (const button of document.querySelectorAll(".chats-list button")) {
    if (Number(button.dataset.id) === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  history.replaceState(null, "", `#${id}`);
  listen();
}

function showTalk(told) {
  if (told.error) {
    open.talk = null;
    showActs(null);
    return problem(told.error);
  }
  const first = !open.talk;
  const was = open.talk?.state;
  open.talk = told.talk;
  const { channel, why, state, ending, agent } = told.talk;
  const talker = isAgent && isMine(told.talk) ? "您" : agent;
  const words = { waiting: `${channel}，${why}，在排队`, taken: `${channel}，${talker}正在回复`, ended: `${channel}，${ending ?? "已结束"}` };
  document.getElementById("talk-title").textContent = words[state];
  showActs(told.talk);
  if (was === "taken" && state === "ended") say("这个会话结束了。");
  if (first && mayTalk()) {
    document.getElementById("reply-text").value = sessionStorage.getItem(draftKey()) ?? "";
    document.getElementById("reply-text").focus();
  }
  if (first) part("log").scrollTop = part("log").scrollHeight; // the parts beneath it take room only now
}

const mayTalk = () => isAgent && open.talk?.state === "taken" && isMine(open.talk);
const draftKey = () => `ltb-chat-${open.id}`;

function keepDraft() {
  const text = document.getElementById("reply-text").value;
  if (!mayTalk()) return;
  if (text) sessionStorage.setItem(draftKey(), text);
  else sessionStorage.removeItem(draftKey());
}

function showActs(talk) {
  const talking = mayTalk();
  part("talk-acts").hidden = !talk;
  part("take").hidden = !(isAgent && talk?.state === "waiting");
  part("ticket-open") && (part("ticket-open").hidden = !(talking || (talk?.state === "ended" && written.has(talk.id))));
  part("colleague").hidden = !talking;
  part("release").hidden = !(talking || (talk?.state === "taken" && board?.others.some((each) => each.id === talk.id)));
  part("end").hidden = !talking;
  part("reply").hidden = !talking;
  part("no-talk").hidden = Boolean(talk);
  if (isAgent) for (const button of document.querySelectorAll("[data-send-entry], [data-put-entry]")) button.disabled = !talking;
}

function showMessage({ id, at, from, who, kind, entry, text }) {
  if (id <= open.after) return;
  open.after = id;
  const log = part("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const speaker = from === "citizen" ? (kind === "clicked" ? "市民点了" : "市民") : from === "agent" ? who : "助手";
  const time = new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  log.append(element("div", { class: `said ${from} ${kind}` },
    element("span", { class: "who-said" }, `${speaker} ${time}${entry ? ` · 条目《${entry}》` : ""}`),
    element("div", { class: "text" }, text)));
  if (atEnd || from === "agent") log.scrollTop = log.scrollHeight;
}

/* ---------------------------------------------------------------- news */

function listen() {
  source?.close();
  const query = new URLSearchParams({ after: open.after, ...(open.id !== null && { talk: open.id }) });
  const mine = new EventSource(`/console/chats/news?${query}`);
  source = mine;
  const on = (name, act) => mine.addEventListener(name, (event) => mine === source && act(JSON.parse(event.data)));
  on("board", showBoard);
  on("talk", showTalk);
  on("message", showMessage);
  // The server ends each stream after a while; the next one goes on after what was seen.
  mine.onerror = () => {
    mine.close();
    if (mine === source) setTimeout(() => mine === source && listen(), AGAIN_AFTER);
  };
}

/* ---------------------------------------------------------------- what agents do */

async function take(id) {
  if (!(await send(`${id}/take`))) return;
  show(id);
}

async function sendReply(event) {
  event?.preventDefault();
  const input = document.getElementById("reply-text");
  const text = input.value.trim();
  if (!text || input.readOnly) return input.focus();
  input.dataset.message ||= newId(); // sent again after a broken connection, it is said once
  input.readOnly = true;
  const { id } = open;
  const told = await send(`${id}/say`, { message: input.dataset.message, text });
  input.readOnly = false;
  if (told && id !== open.id) return sessionStorage.removeItem(`ltb-chat-${id}`);
  if (told) {
    delete input.dataset.message;
    input.value = "";
    keepDraft();
  }
  input.focus();
}

let sendingEntry = false;

async function sendEntry(slug, facet) {
  if (sendingEntry) return; // pressed twice, it is sent once
  sendingEntry = true;
  const told = await send(`${open.id}/entry`, { message: newId(), slug, facet });
  sendingEntry = false;
  if (!told) return;
  say("已发给市民。");
  document.getElementById("reply-text").focus();
}

function putEntry(text) {
  const input = document.getElementById("reply-text");
  input.value = [input.value, text].filter(Boolean).join("\n").slice(0, 1000);
  input.focus();
}

/* ---------------------------------------------------------------- entries */

let searching = 0;

async function search(words) {
  const turn = ++searching;
  const told = words.trim() ? await send("entries", { q: words }) : { entries: [] };
  if (!told || turn !== searching) return; // a later search is on its way
  part("entries").replaceChildren(...told.entries.map(entryItem));
  part("found").textContent = words.trim() ? `找到 ${told.entries.length} 条` : "";
}

function entryItem(entry, place) {
  const sides = [{ name: "", title: "答复", text: entry.answer }, ...entry.facets];
  const shown = element("div", { class: "text", tabindex: "0", role: "group", "aria-label": "内容" }, entry.answer);
  let chosen = sides[0];
  const choice = element("select", { "aria-label": "发哪一部分", change: (event) => {
    chosen = sides[event.target.selectedIndex];
    shown.textContent = chosen.text;
  } }, ...sides.map(({ name, title }) => element("option", { value: name }, title)));
  const off = !mayTalk();
  return element("li", {}, element("details", { open: place === 0 },
    element("summary", {}, entry.title),
    sides.length > 1 ? choice : null,
    shown,
    element("div", { class: "row" },
      element("button", { type: "button", class: "primary", "data-send-entry": true, disabled: off, click: () => sendEntry(entry.slug, chosen.name) }, "原文发给市民"),
      element("button", { type: "button", "data-put-entry": true, disabled: off, click: () => putEntry(chosen.text) }, "放进输入框"))));
}

/** Down and up go through what was found, Enter opens the first and goes to its button. */
function walkEntries(event) {
  const summaries = [...part("entries").querySelectorAll("summary")];
  if (!summaries.length || event.isComposing) return;
  if (event.key === "Enter" && event.target === part("entry-search")) {
    event.preventDefault();
    part("entries").querySelector("[data-send-entry]").focus();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.target.matches("select")) return;
  event.preventDefault();
  const at = summaries.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  (summaries[at] ?? (at < 0 ? part("entry-search") : summaries.at(-1))).focus();
}

/* ---------------------------------------------------------------- phrases */

function showPhrases(phrases) {
  part("phrases").replaceChildren(...phrases.map(({ id, text, may_remove }) => element("li", {},
    element("button", { type: "button", class: "quiet phrase", click: () => putPhrase(text) }, text),
    may_remove && element("button", { type: "button", class: "quiet square", "aria-label": `删掉：${text.slice(0, 20)}`, title: "删掉", click: () => removePhrase(id) }, "×"))));
}

async function loadPhrases() {
  const told = await read(fetch("/console/chats/phrases"));
  if (told) showPhrases(told.phrases);
}

function putPhrase(text) {
  if (mayTalk()) return putEntry(text);
  part("phrase-said").textContent = "接入一位市民以后，点一下就放进输入框。";
}

async function keepPhrase(text, whose) {
  const told = await send("phrases", { text, for: whose });
  if (!told) return false;
  showPhrases(told.phrases);
  part("phrase-said").textContent = "存好了。";
  return true;
}

/** Gone at once; until the next thing happens here it can be put back. */
async function removePhrase(id) {
  const told = await send(`phrases/${id}/remove`);
  if (!told) return;
  await loadPhrases();
  const back = element("button", { type: "button", class: "quiet", click: () => keepPhrase(told.gone.text, told.gone.for) }, "撤销");
  part("phrase-said").replaceChildren("已删掉。", back);
  back.focus();
}

function watchPhrases() {
  part("phrase-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = new FormData(form);
    if (!(await keepPhrase(fields.get("phrase").trim(), fields.get("for") ?? "me"))) return;
    form.reset();
    part("phrase-more").open = false;
  });
  part("phrase-keep").addEventListener("click", () => keepPhrase(document.getElementById("reply-text").value.trim(), "me"));
  loadPhrases();
}

/* ---------------------------------------------------------------- the ticket */

const written = new Map(); // tickets half written, by talk

function keepTicket() {
  if (isAgent && !part("ticket").hidden) written.set(open.id, Object.fromEntries(new FormData(part("ticket-form"))));
}

async function openTicket() {
  const told = written.get(open.id) ?? (await read(fetch(`/console/chats/${open.id}/draft`)));
  if (!told) return;
  const form = part("ticket-form");
  for (const [name, value] of Object.entries(told)) form.elements[name].value = value;
  complain([]);
  part("ticket").hidden = false;
  document.getElementById("ticket-title").focus();
}

function closeTicket() {
  keepTicket();
  if (isAgent) part("ticket").hidden = true;
}

function complain(errors) {
  const form = part("ticket-form");
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  for (const [name] of errors) form.elements[name]?.setAttribute("aria-invalid", "true");
  const shown = part("ticket-problem");
  shown.hidden = !errors.length;
  shown.textContent = errors.map(([, words]) => words).join(" ");
  if (errors.length) form.elements[errors[0][0]]?.focus();
}

async function register(event) {
  event.preventDefault();
  const told = await send(`${open.id}/ticket`, new FormData(event.target));
  if (told?.errors) return complain(Object.entries(told.errors));
  if (!told) return;
  closeTicket();
  written.delete(open.id);
  say(`已登记，编号 ${told.number}，市民会收到编号。`);
  part("log").append(element("p", { class: "hint" }, `已登记工单 ${told.number}，市民会收到编号。`));
  document.getElementById("reply-text").focus();
}

/* ---------------------------------------------------------------- wiring */

function watchAgent() {
  watchChime(part("chime"));
  part("duty").addEventListener("click", () => send("duty", { on: board?.me?.on_duty ? "no" : "yes" }).then(listen));
  part("next").addEventListener("click", () => board?.waiting.length && take(board.waiting[0].id));
  part("take").addEventListener("click", () => take(open.id));
  part("end").addEventListener("click", () => send(`${open.id}/end`));
  part("colleague").addEventListener("change", async (event) => {
    const to = event.target.value;
    event.target.value = "";
    if (to && (await send(`${open.id}/transfer`, { to }))) document.getElementById("talk-title").focus();
  });
  part("reply").addEventListener("submit", sendReply);
  document.getElementById("reply-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) sendReply(event);
    if (event.key === "Escape") part("log").focus();
  });
  let later;
  onTyped(part("entry-search"), (event) => {
    clearTimeout(later);
    later = setTimeout(() => search(event.target.value), SEARCH_AFTER);
  });
  part("entry-search").closest("section").addEventListener("keydown", walkEntries);
  part("ticket-open").addEventListener("click", openTicket);
  part("ticket-close").addEventListener("click", closeTicket);
  part("ticket-form").addEventListener("submit", register);
  watchPhrases();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (document.querySelector("[data-single-keys]")?.checked === false) return;
    const acts = { n: part("next"), g: part("ticket-open") };
    const goes = { e: part("entry-search"), r: document.getElementById("reply-text"), p: part("phrases").querySelector("button") };
    const button = acts[event.key];
    if (button && !button.hidden && !button.closest("[hidden]")) button.click();
    else if (goes[event.key] && !goes[event.key].closest("[hidden]")) goes[event.key].focus();
    else return;
    event.preventDefault();
  });
}

part("release").addEventListener("click", () => send(`${open.id}/release`));
window.addEventListener("pagehide", keepDraft);
if (isAgent) watchAgent();
setInterval(tick, 1000);
const wanted = Number(location.hash.slice(1));
if (wanted) show(wanted);
else listen();
