/**
 * <ltb-chat>: the conversation with a 12345 hotline, put on any page by one script tag:
 *
 *   <script type="module" src="https://hotline.example/widget.js" data-title="…"></script>
 *
 * Attributes of the script tag or of <ltb-chat>:
 *   data-title     name in the head; the hotline's own name by default
 *   data-open      "true" opens at load, "wide" only where page and panel fit side by side
 *   data-position  "right" (default) or "left"
 *   data-arrival-payload, data-arrival-title
 *                  what the citizen came for, by a printed code: opens the panel and sends it
 *
 * A page may also hand over to the conversation without code of its own:
 *   <form data-ltb-ask>            its first text field is asked
 *   <button data-ltb-payload="…">  its payload is sent, its data-ltb-title or text is the citizen's bubble
 *   <button data-ltb-question="…"> the question is asked; empty just opens the panel
 *   <button data-ltb-elder>        大字, <button data-ltb-print> prints
 *   data-ltb-needs                 marks what the page keeps invisible until this script has come
 *
 * Text of the server reaches the page through textContent only, and addresses through `safeLink`.
 *
 * @typedef {{title: string, payload: string, style?: "primary"}} Button
 * @typedef {{name: string, title: string, payload: string}} FacetLink
 * @typedef {{slug: string, matter: string, question: string, facet: ?{name: string, title: string},
 *   facets: FacetLink[], unit: ?string, version_date: ?string, guide_url: ?string,
 *   attachments?: {title: string, url: string}[]}} Entry
 * @typedef {{number: string, kind: string, state: string, state_title: string, created_at: string,
 *   promised_text: ?string, next_step: ?string, steps: {title: string, done: boolean, current: boolean}[]}} Ticket
 * @typedef {{id: string|number, at: string, kind: string, text: string, buttons: Button[], entry: ?Entry,
 *   ticket: ?Ticket, agent?: string}} Reply agent: the person who says it
 * @typedef {{id: string|number, at: string, from: "citizen"|"assistant"|"agent", text?: string, reply?: Reply}} Message
 * @typedef {{state: "waiting"|"taken", ahead: number, agent: ?string}} Handover the way to a person
 * @typedef {{hotline: {name: string, phone: string}, popular: Button[], privacy_url: string,
 *   messages?: Message[], handover?: ?Handover}} Opening
 * @typedef {{id: string, text?: string, payload?: string, title?: string}} Outgoing
 */

const ORIGIN = new URL(import.meta.url).origin;
const MAX_TEXT = 1000;
const COUNT_FROM = 900;
const REQUEST_TIMEOUT_MS = 30_000;
const SLOW_AFTER_MS = 8_000;
const NEAR_END_PX = 48;
const TIME_GAP_MS = 10 * 60_000;
const HOTLINE_PHONE = "12345";

/* ---------------------------------------------------------------- building the page */

/**
 * An element with attributes and children. Functions named on… become listeners.
 * @param {string} tag
 * @param {Object<string, any>} [attributes] null, undefined and false are left out
 * @param {...(Node|string|null|undefined|false)} children
 */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const ICONS = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-6 8-6s7 2 8 6",
  phone: "M6 3l3 1 1 4-2 2c1 3 3 5 6 6l2-2 4 1 1 3c-1 2-3 3-5 3C9 20 4 14 3 8c0-2 1-4 3-5z",
  ticket: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  down: "M12 5v14M6 13l6 6 6-6",
};

/** @param {keyof typeof ICONS} name a decorative line drawing; words stand beside it */
function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** Words for screen readers only. */
const unseen = (text) => h("span", { class: "unseen" }, text);

/**
 * An address that may stand in a link: http(s) or a phone number; anything else is refused.
 * @param {?string} address
 * @returns {?string}
 */
function safeLink(address) {
  if (!address) return null;
  if (address.startsWith("tel:")) return /^tel:[+\d][\d\-,#*]{2,20}$/.test(address) ? address : null;
  try {
    const url = new URL(address, ORIGIN);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that leaves the conversation where it is. */
function outsideLink(href, ...children) {
  return h("a", { href, target: "_blank", rel: "noopener" }, ...children, unseen("（在新窗口打开）"));
}

/* ---------------------------------------------------------------- text of the server */

// "3.5元" is no list item: after a dot no digit may follow.
const NUMBERED = /^\s*(\d{1,2})[.．、](?!\d)\s*(.+)$/;
const DASHED = /^\s*[-•·]\s*(.+)$/;

/**
 * Paragraphs and lists out of plain text; the guide pages' `blocks` filter does the same.
 * @param {string} text
 * @returns {{kind: "p"|"ol"|"ul", start?: number, items: string[]}[]}
 */
export function parseBlocks(text) {
  const blocks = [];
  let open = null;
  for (const line of text.split(/\r?\n/)) {
    const numbered = NUMBERED.exec(line);
    const dashed = numbered ? null : DASHED.exec(line);
    const kind = numbered ? "ol" : dashed ? "ul" : "p";
    if (!line.trim()) {
      // A blank line ends a paragraph, but a list may go on after it.
      if (open && open.kind === "p") open = null;
      continue;
    }
    if (!open || open.kind !== kind) {
      open = { kind, items: [], ...(numbered && { start: Number(numbered[1]) }) };
      blocks.push(open);
    }
    open.items.push(numbered ? numbered[2] : dashed ? dashed[1] : line.trim());
  }
  return blocks;
}

const LINKS = /(https?:\/\/[\w\-.~:/?#@!$&'*+,;=%]+|\b0\d{2,3}-\d{7,8}\b|\b12345\b)/;
// In an emergency a bare 120 is a number to call; elsewhere it may be an amount.
const RESCUE_LINKS = /(\b(?:110|119|120|122|12345)\b)/;

/** Text with its addresses and phone numbers as links. @param {string} text @param {boolean} rescue */
function inline(text, rescue) {
  // split() puts what the pattern captured at the odd places.
  return text.split(rescue ? RESCUE_LINKS : LINKS).map((part, place) => {
    if (place % 2 === 0) return part;
    if (!part.startsWith("http")) return h("a", { href: `tel:${part.replace(/-/g, "")}` }, part);
    const href = safeLink(part);
    return href ? outsideLink(href, part) : part;
  });
}

/** @param {string} text @param {boolean} [rescue] see `inline` */
function renderText(text, rescue = false) {
  const body = h("div", { class: "text" });
  for (const { kind, start, items } of parseBlocks(text)) {
    if (kind === "p") {
      const lines = items.flatMap((item, index) => [index && h("br"), ...inline(item, rescue)]);
      body.append(h("p", {}, ...lines.filter(Boolean)));
    } else {
      const entries = items.map((item) => h("li", {}, ...inline(item, rescue)));
      body.append(h(kind, { start: start > 1 ? start : null }, ...entries));
    }
  }
  return body;
}

/** "2026-03-01" → "2026年3月1日" */
function chineseDay(iso) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso || "");
  return match ? `${match[1]}年${Number(match[2])}月${Number(match[3])}日` : iso || "";
}

/** @param {Date} at the time of day, with the date when it isn't today */
function clockTime(at) {
  const time = `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  if (at.toDateString() === new Date().toDateString()) return `今天 ${time}`;
  return `${at.getMonth() + 1}月${at.getDate()}日 ${time}`;
}

/* ---------------------------------------------------------------- one reply */

/**
 * A button of a reply: a link for phone numbers, else something to send.
 * @param {Button} button @param {string} look @param {(button: Button, element: Element) => void} press
 */
function replyButton(button, look, press) {
  const label = h("span", { class: "face" }, button.title);
  const classes = `${look} ${button.style === "primary" ? "primary" : ""}`.trim();
  if (button.payload.startsWith("tel:")) {
    const href = safeLink(button.payload);
    return href && h("a", { class: classes, href }, icon("phone"), label);
  }
  const element = h("button", { type: "button", class: classes, "data-payload": button.payload }, label);
  element.addEventListener("click", () => press(button, element));
  return element;
}

/** Buttons under a reply, in a group that a reader can name. */
function buttonGroup(name, look, buttons, press) {
  if (!buttons.length) return null;
  return h("div", { class: `group ${look}s`, role: "group", "aria-label": name },
    ...buttons.map((button) => replyButton(button, look, press)));
}

/** Where an answer comes from. @param {Entry} entry */
function renderSource(entry) {
  const version = entry.version_date ? `${chineseDay(entry.version_date)}版` : null;
  const words = [entry.unit && `来源：${entry.unit}`, version].filter(Boolean).join(" · ");
  const guide = safeLink(entry.guide_url);
  return h("p", { class: "source" }, words, words && guide ? " · " : null, guide && outsideLink(guide, "办事指南"));
}

/** Forms and documents that go with an answer. @param {Entry} entry */
function renderAttachments({ attachments = [] }) {
  const links = attachments.map(({ title, url }) => ({ title, href: safeLink(url) })).filter(({ href }) => href);
  if (!links.length) return null;
  return h("div", { class: "attachments" }, h("p", {}, "附件"),
    h("ul", {}, ...links.map(({ title, href }) => h("li", {}, outsideLink(href, title)))));
}

/** @param {Reply} reply @param {Function} press */
function renderAnswer(reply, press) {
  const { entry } = reply;
  if (!entry) return [renderText(reply.text), buttonGroup("可以选", "option", reply.buttons, press)];
  const chips = entry.facets.filter((facet) => !entry.facet || facet.name !== entry.facet.name);
  return [
    h("h3", { class: "matter" }, entry.matter || entry.question,
      entry.facet && h("span", { class: "facet" }, unseen("，"), entry.facet.title)),
    renderText(reply.text),
    renderAttachments(entry),
    buttonGroup("继续了解", "chip", chips, press),
    renderSource(entry),
    reply.buttons.length > 0 && h("div", { class: "feedback" },
      h("span", {}, "答清楚了吗？"), buttonGroup("这条回答", "chip", reply.buttons, press)),
  ];
}

/** @param {Ticket["steps"]} steps */
function renderSteps(steps) {
  const words = (step) => (step.current ? "（当前）" : step.done ? "（已完成）" : "（还没到）");
  return h("ol", { class: "steps" }, ...steps.map((step) =>
    h("li", { class: step.current ? "current" : step.done ? "done" : null, "aria-current": step.current ? "step" : null },
      h("span", { class: "step" }, step.title, unseen(words(step))))));
}

/** @param {Ticket} ticket */
function renderTicketCard(ticket) {
  const fact = (name, value) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h("section", { class: "ticket", "aria-label": `工单 ${ticket.number}` },
    h("div", { class: "ticket-head" },
      h("span", { class: "number" }, unseen("工单编号 "), ticket.number),
      h("span", { class: `badge ${ticket.state}` }, ticket.state_title)),
    ticket.steps.length > 0 && renderSteps(ticket.steps),
    h("dl", {},
      fact("类型", ticket.kind),
      fact("承诺时间", ticket.promised_text),
      fact("下一步", ticket.next_step)));
}

/**
 * The parts of a reply's bubble, by kind.
 * @type {Object<string, (reply: Reply, press: Function) => (Node|null|false)[]>}
 */
const RENDER = {
  answer: renderAnswer,
  choices: (reply, press) => [renderText(reply.text), buttonGroup("请选一项", "choice", reply.buttons, press)],
  ticket: (reply, press) => [
    reply.text && renderText(reply.text),
    reply.ticket && renderTicketCard(reply.ticket),
    buttonGroup("这张工单", "option", reply.buttons, press),
  ],
  emergency: (reply, press) => [
    h("h3", { class: "alarm" }, "紧急提醒"),
    renderText(reply.text, true),
    buttonGroup("马上拨打", "choice", reply.buttons, press),
  ],
};

/** @param {Reply} reply @param {Function} press */
function renderReply(reply, press) {
  const render = RENDER[reply.kind] || ((other, act) => [
    renderText(other.text),
    buttonGroup("可以选", "option", other.buttons, act),
  ]);
  const parts = render({ buttons: [], ...reply }, press);
  if (!reply.agent) return h("div", { class: `bubble assistant ${reply.kind}` }, unseen("助手说："), ...parts);
  const speaker = h("p", { class: "speaker" }, icon("person"), h("span", {}, reply.agent, unseen("说：")));
  return h("div", { class: `bubble assistant by-person ${reply.kind}` }, speaker, ...parts);
}

/* ---------------------------------------------------------------- talking to the server */

/** A refusal of the server, in its own words. */
class Refused extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {number} wait seconds */
  constructor(status, code, message, wait) {
    super(message);
    Object.assign(this, { status, code, wait });
  }
}

/**
 * @param {"GET"|"POST"} method @param {string} path @param {object} [body]
 * @throws {Refused} the server said no; any other error means it was not reached
 */
async function call(method, path, body) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), REQUEST_TIMEOUT_MS);
  try {
    const response = await fetch(`${ORIGIN}/api/v1/widget/${path}`, {
      method,
      signal: giveUp.signal,
      credentials: "omit",
      ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (response.ok) return await response.json();
    const { error = {} } = await response.json().catch(() => ({}));
    throw new Refused(response.status, error.code, error.message, Number(response.headers.get("Retry-After")) || 0);
  } finally {
    clearTimeout(timer);
  }
}

/** Storage that never throws: pages may block it, and then memory has to do. */
class Memory {
  /** @param {() => Storage} area read late: the getter itself throws where storage is blocked */
  constructor(area) {
    this.area = area;
    this.own = new Map();
  }

  /** @param {string} name */
  get(name) {
    try {
      return this.area().getItem(`ltb:${ORIGIN}:${name}`);
    } catch {
      return this.own.get(name) ?? null;
    }
  }

  /** @param {string} name @param {?string} value null forgets it */
  set(name, value) {
    this.own.set(name, value);
    try {
      if (value == null) this.area().removeItem(`ltb:${ORIGIN}:${name}`);
      else this.area().setItem(`ltb:${ORIGIN}:${name}`, value);
    } catch {
      // Kept in `own` already.
    }
  }
}

const kept = new Memory(() => localStorage);
const tab = new Memory(() => sessionStorage);

/** An id by which a repeated send is recognised; randomUUID needs https, which intranets may lack. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Server-sent events with our own reconnect, so that the state can be shown and `after` moves on. */
class Stream {
  /**
   * @param {{address: () => string, message: (message: Message) => void, handover: (handover: ?Handover) => void,
   *   state: (state: "live"|"lost") => void, refused: () => Promise<void>}} on
   */
  constructor(on) {
    this.on = on;
    this.wanted = false;
    this.delay = 0;
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.wanted && this.on.state("lost"));
  }

  open() {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.source?.close();
  }

  connect() {
    this.source?.close();
    const source = new EventSource(this.on.address());
    this.source = source;
    source.addEventListener("message", (event) => this.on.message(JSON.parse(event.data)));
    source.addEventListener("handover", (event) => this.on.handover(JSON.parse(event.data)));
    source.onopen = () => {
      this.delay = 0;
      this.on.state("live");
    };
    source.onerror = () => this.failed(source);
  }

  /** @param {EventSource} source */
  async failed(source) {
    if (source !== this.source || !this.wanted) return;
    // A server that ends a stream is nothing to tell; a second failure in a row is.
    if (this.delay > 0) this.on.state("lost");
    const refused = source.readyState === EventSource.CLOSED;
    source.close();
    if (refused) await this.on.refused();
    if (source !== this.source) return; // a new session has connected meanwhile
    this.delay = Math.min(this.delay ? this.delay * 2 : 500, 30_000);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wanted && this.connect(), this.delay * (0.75 + Math.random() / 2));
  }

  retryNow() {
    if (!this.wanted) return;
    clearTimeout(this.timer);
    this.connect();
  }
}

/* ---------------------------------------------------------------- reading aloud */

/** 朗读, where the browser has a Chinese voice. */
class Speaker {
  constructor() {
    this.engine = window.speechSynthesis;
    this.engine?.getVoices(); // asks for the list, which comes late
  }

  get voice() {
    return this.engine?.getVoices().find((voice) => /^(zh|cmn)/i.test(voice.lang)) || null;
  }

  /** @param {string} text spoken sentence by sentence: long utterances are cut off by some browsers */
  say(text) {
    const { voice } = this;
    if (!voice) return;
    for (const sentence of text.replace(/[。！？；]/g, "$&\n").split("\n").filter((part) => part.trim())) {
      const utterance = new SpeechSynthesisUtterance(sentence);
      Object.assign(utterance, { voice, lang: "zh-CN", rate: 0.95 });
      this.engine.speak(utterance);
    }
  }

  stop() {
    this.engine?.cancel();
  }
}

/** @param {Reply} reply what a reply sounds like */
function spokenText(reply) {
  const { ticket } = reply;
  const choices = reply.kind === "choices" || reply.kind === "prompt" ? reply.buttons.map(({ title }) => title) : [];
  return [
    reply.agent && `${reply.agent}说：`,
    reply.entry?.matter,
    reply.text,
    ticket && `工单现在的状态是${ticket.state_title}。${ticket.next_step || ""}`,
    choices.length && `可以选：${choices.join("；")}。`,
  ].filter(Boolean).join("\n");
}

/* ---------------------------------------------------------------- the log */

/** The bubbles, in a live region, and the place the citizen is reading. */
class Log {
  constructor() {
    this.welcome = h("div", { class: "welcome" });
    this.dots = h("div", { class: "dots", hidden: true, "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.box = h("div", { class: "log", role: "log", "aria-label": "对话记录", "aria-live": "polite", tabindex: "0" },
      this.welcome, this.dots);
    this.newer = h("button", { type: "button", class: "newer", hidden: true, onclick: () => this.toNewest() },
      "有新消息", icon("down"));
    this.view = h("div", { class: "view" }, this.box, this.newer);
    this.following = true; // new bubbles come into view
    this.atEnd = true;
    this.box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    if (window.ResizeObserver) new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.box);
  }

  /** Adds a bubble before the typing dots, with the time where the talk paused. */
  add(bubble, at = new Date().toISOString()) {
    const moment = new Date(at);
    if (!this.lastMoment || moment - this.lastMoment > TIME_GAP_MS) {
      this.dots.before(h("p", { class: "when" }, h("time", { datetime: at }, clockTime(moment))));
    }
    this.lastMoment = moment;
    this.dots.before(bubble);
    return bubble;
  }

  /** Adds without reading everything aloud: what was said on an earlier visit. @param {() => void} add */
  quietly(add) {
    this.box.setAttribute("aria-busy", "true");
    add();
    this.box.removeAttribute("aria-busy");
    this.toEnd();
  }

  /**
   * Brings new bubbles into view; those that don't fit from their first line on. Somebody who reads
   * further up is only told.
   */
  present(first) {
    if (this.following) this.place(first.offsetTop - 12);
    else this.newer.hidden = false;
  }

  setTyping(on) {
    this.dots.hidden = !on;
    if (on && this.following) this.toEnd();
  }

  toEnd() {
    this.place(this.box.scrollHeight);
  }

  toNewest() {
    this.toEnd();
    this.box.focus({ preventScroll: true });
  }

  place(top) {
    const before = this.box.scrollTop;
    this.box.scrollTop = top;
    this.placed = this.box.scrollTop !== before; // then a scroll event comes that isn't the citizen's
    this.following = true;
    this.atEnd = this.isAtEnd();
    this.newer.hidden = true;
  }

  scrolled() {
    this.atEnd = this.isAtEnd();
    if (!this.placed) this.following = this.atEnd;
    this.placed = false;
    if (this.atEnd) this.newer.hidden = true;
  }

  isAtEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
  }

  /**
   * Buttons of replies that are no longer the last become quiet. A bare /affirm or /deny would answer the
   * wrong question by then, so in prompts and choices those without a value of their own stop working.
   */
  quietenOutdated() {
    const said = this.box.querySelectorAll(".bubble.citizen");
    const lastSaid = said[said.length - 1];
    for (const bubble of this.box.querySelectorAll(".bubble.assistant:not(.past)")) {
      if (!isBefore(bubble, lastSaid)) continue;
      bubble.classList.add("past");
      if (!bubble.matches(".prompt, .choices")) continue;
      for (const button of bubble.querySelectorAll("[data-payload]")) {
        if (!button.dataset.payload.includes("{")) button.setAttribute("aria-disabled", "true");
      }
    }
  }
}

/* ---------------------------------------------------------------- the component */

/** Panel beside the page, or over all of it where there is no room. */
const FULL_SCREEN = matchMedia("(max-width: 560px), (max-height: 480px)");
const WIDE = matchMedia("(min-width: 1100px)");

class LtbChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.seen = new Set();
    this.lastId = "";
    this.waiting = new Map(); // Outgoing.id → its bubble, until the server has it
    this.queue = Promise.resolve();
    this.unread = 0;
    this.speaker = new Speaker();
    this.stream = new Stream({
      address: () => this.eventsAddress(),
      message: (message) => this.receive([message]),
      handover: (handover) => this.showHandover(handover),
      state: (state) => this.showConnection(state),
      refused: () => this.resume().catch(() => undefined),
    });
    this.build();
    this.listen();
    this.restore();
  }

  disconnectedCallback() {
    this.stream.close();
    this.speaker.stop();
  }

  /* -------- parts */

  build() {
    const part = (name, element) => (this[name] = element);
    const tool = (name, label, act) => part(name, h("button", { type: "button", class: "tool", "aria-pressed": "false", onclick: act }, label));

    part("launcher", h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() },
      icon("chat"), h("span", { class: "launcher-word" }, "问一问"), part("badge", h("span", { class: "unread", hidden: true }))));

    const head = h("div", { class: "head" },
      h("div", { class: "who" },
        part("titleLine", h("h2", { id: "title", tabindex: "-1" }, this.dataset.title || "12345 热线")),
        h("p", { class: "state", role: "status" }, part("stateWord", h("span", {}, standingWord(null))))),
      tool("elderButton", "大字", () => this.setElder(!this.elder)),
      tool("speakButton", "朗读", () => this.setSpeaking(!this.speaking)),
      h("button", { type: "button", class: "tool", "aria-label": "关闭对话", onclick: () => this.close() }, icon("close")));

    part("person", h("div", { class: "person", hidden: true },
      part("personWord", h("p", {})),
      part("personButton", h("button", { type: "button", class: "option", onclick: () => this.endHandover() }, h("span", { class: "face" })))));

    part("log", new Log());
    part("status", h("p", { class: "unseen", role: "status" }));
    part("problem", h("p", { class: "problem", role: "alert" }));

    part("input", h("textarea", { id: "input", rows: "1", enterkeyhint: "send", autocomplete: "off",
      placeholder: "说说您要问的事", "aria-describedby": "count" }));
    part("count", h("p", { class: "count", id: "count" }));
    const composer = h("form", { class: "composer", onsubmit: (event) => this.submit(event) },
      h("label", { class: "unseen", for: "input" }, "您要问的事，回车发送"),
      this.input,
      part("sendButton", h("button", { type: "submit", class: "send", "aria-label": "发送" }, icon("send"))));

    part("callLink", h("a", { href: `tel:${HOTLINE_PHONE}` }, icon("phone"), part("callWord", h("span", {}, `拨打${HOTLINE_PHONE}`))));
    const always = h("nav", { class: "always", "aria-label": "其他办法" },
      h("button", { type: "button", onclick: () => this.press({ title: "转人工", payload: "/ask_for_person" }) }, icon("person"), h("span", {}, "转人工")),
      this.callLink,
      h("button", { type: "button", onclick: () => this.press({ title: "我的工单", payload: "/ask_ticket_status" }) }, icon("ticket"), h("span", {}, "我的工单")));

    part("panel", h("dialog", { "aria-labelledby": "title" },
      head,
      this.person,
      this.log.view,
      h("div", { class: "foot" }, this.problem, composer, this.count, always),
      this.status));

    const styles = ["tokens.css", "widget.css"].map((file) => h("link", { rel: "stylesheet", href: `${ORIGIN}/static/${file}` }));
    // Nothing is shown before its look has come, so nothing jumps.
    const frame = h("div", { class: "frame", hidden: true, lang: "zh-CN" }, this.launcher, this.panel);
    const styled = styles.map((link) => new Promise((done) => (link.onload = link.onerror = done)));
    this.ready = Promise.all(styled).then(() => {
      frame.hidden = false;
      this.keepClearOfPageButtons();
    });
    this.attachShadow({ mode: "open" }).append(...styles, frame);
  }

  listen() {
    this.panel.addEventListener("keydown", (event) => this.keyDown(event));
    // The browser closes a full-screen dialog by itself on Esc or Back.
    this.panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.inputKeyDown(event));
    document.addEventListener("visibilitychange", () => this.chooseStream());
    FULL_SCREEN.addEventListener("change", () => this.isOpen && this.showPanel());
    window.addEventListener("resize", () => this.keepClearOfPageButtons());
    window.visualViewport?.addEventListener("resize", () => this.fitKeyboard());
  }

  /** What was chosen on an earlier visit. */
  restore() {
    this.setElder(kept.get("elder") === "1");
    if (this.speaker.engine) this.setSpeaking(kept.get("speaking") === "1", { quiet: true });
    else this.speakButton.hidden = true;
    this.unsent = JSON.parse(tab.get("unsent") || "[]");
    this.input.value = tab.get("draft") || "";
    this.typed();
    if (kept.get("session")) this.begin().catch(() => undefined);
    if (this.opensAtLoad()) this.open({ focus: false });
    else this.tellPage();
  }

  opensAtLoad() {
    const before = tab.get("open");
    if (before) return before === "1" && WIDE.matches;
    return this.dataset.open === "true" || (this.dataset.open === "wide" && WIDE.matches);
  }

  /* -------- opening and closing */

  get isOpen() {
    return this.panel.open;
  }

  /** @param {{focus?: boolean}} [options] focus stays where it is when the page opens the panel by itself */
  async open({ focus = true } = {}) {
    const focused = deepFocus();
    if (!this.panel.contains(focused)) this.opener = focused;
    tab.set("open", "1");
    await this.ready;
    this.showPanel();
    this.setUnread(0);
    if (focus) this.focusPanel();
    this.chooseStream();
    try {
      await this.begin();
    } catch {
      this.showUnreachable();
    }
  }

  /** Asks what a printed code stands for: once, not again when the page is reloaded or come back to. */
  async arrive() {
    const { arrivalPayload: payload, arrivalTitle: title } = this.dataset;
    if (!payload) return;
    this.open({ focus: false });
    const [visit] = performance.getEntriesByType("navigation");
    if (visit && visit.type !== "navigate") return;
    await this.begin().catch(() => undefined); // what was said before stands before it
    this.press({ title, payload });
  }

  showPanel() {
    if (this.panel.open) this.panel.close();
    // `open` and not show(): a panel beside the page must not take the focus by itself.
    if (FULL_SCREEN.matches && this.panel.showModal) this.panel.showModal();
    else this.panel.setAttribute("open", "");
    this.launcher.hidden = true;
    this.tellPage();
    this.typed();
    this.fitKeyboard();
    if (this.log.following) this.log.toEnd();
  }

  /** On touch screens the keyboard would cover half of what is there to read. */
  focusPanel() {
    if (matchMedia("(pointer: coarse)").matches) this.titleLine.focus();
    else this.input.focus();
  }

  close() {
    if (!this.isOpen) return;
    if (this.panel.close) this.panel.close();
    this.panel.removeAttribute("open");
    this.launcher.hidden = false;
    tab.set("open", "0");
    this.speaker.stop();
    this.tellPage();
    this.chooseStream();
    this.keepClearOfPageButtons();
    const back = this.opener && this.opener.isConnected && this.opener !== document.body ? this.opener : this.launcher;
    back.focus();
  }

  /** Our own pages leave room for the panel and share the size of text. */
  tellPage() {
    if (location.origin !== ORIGIN) return;
    document.documentElement.dataset.ltbChat = this.isOpen ? "open" : "closed";
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  /** Moves the round button above whatever the page keeps in the same corner. */
  keepClearOfPageButtons() {
    if (this.isOpen || this.launcher.hidden) return;
    this.launcher.style.removeProperty("margin-bottom");
    const box = this.launcher.getBoundingClientRect();
    const spots = [[box.left, box.top], [box.right, box.top], [box.left, box.bottom], [box.right, box.bottom],
      [(box.left + box.right) / 2, (box.top + box.bottom) / 2]];
    const tops = spots.flatMap(([x, y]) => document.elementsFromPoint(x, y))
      .filter((element) => element !== this && isFixedButton(element))
      .map((element) => element.getBoundingClientRect().top);
    if (tops.length) this.launcher.style.setProperty("margin-bottom", `${Math.max(0, box.bottom - Math.min(...tops) + 12)}px`);
  }

  /** A phone's keyboard covers the page without shrinking it. */
  fitKeyboard() {
    const height = window.visualViewport?.height;
    if (height) this.panel.style.setProperty("--visible-height", `${Math.round(height)}px`);
  }

  /* -------- session */

  /** Session, history and events; once, however many ask for it. */
  begin() {
    this.beginning ??= this.resume().catch((error) => {
      this.beginning = null;
      throw error;
    });
    return this.beginning;
  }

  /** What the server remembers of this session, or a new session when it is gone. */
  async resume() {
    const session = kept.get("session");
    if (!session) return this.renew();
    try {
      const history = await call("GET", `history?session=${encodeURIComponent(session)}`);
      if (this.greeted) this.receive(history.messages);
      else this.greet(history);
      this.showHandover(history.handover ?? null);
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.renew();
    }
    this.chooseStream();
  }

  async renew() {
    const opening = await call("POST", "sessions", {});
    kept.set("session", opening.session);
    this.seen.clear(); // ids of another session mean nothing here
    this.lastId = "";
    this.showHandover(null);
    this.greet(opening);
    this.stream.close();
    this.chooseStream();
  }

  eventsAddress() {
    const query = new URLSearchParams({ session: kept.get("session") || "", after: this.lastId });
    if (this.handover) query.set("handover", this.handover.state); // then the end of it is told, too
    return `${ORIGIN}/api/v1/widget/events?${query}`;
  }

  /** Listens while somebody may be looking; `after` brings what was missed. */
  chooseStream() {
    if (kept.get("session") && (this.isOpen || !document.hidden)) this.stream.open();
    else this.stream.close();
  }

  /** @param {"live"|"lost"} state */
  showConnection(state) {
    const was = this.connection;
    this.connection = state;
    clearTimeout(this.stateTimer);
    this.panel.dataset.connection = state;
    if (state === "lost") this.stateWord.textContent = "连接中断，正在重连";
    else if (was === "lost") {
      this.stateWord.textContent = "已恢复";
      this.stateTimer = setTimeout(() => this.showStanding(), 4000);
    }
  }

  showStanding() {
    if (this.connection !== "lost") this.stateWord.textContent = standingWord(this.handover);
  }

  /* -------- a person instead of the assistant */

  /** @param {?Handover} handover null: the assistant answers */
  showHandover(handover) {
    this.handover = handover;
    clearTimeout(this.stateTimer);
    this.showStanding();
    if (!handover && this.person.contains(deepFocus())) this.input.focus(); // the button that was pressed goes
    this.person.hidden = !handover;
    if (!handover) return;
    const talking = handover.state === "taken";
    this.personWord.textContent = talking ? "现在是真人在回复您" : "接通了会在这里告诉您";
    this.personButton.firstChild.textContent = talking ? "结束人工" : "不等了";
  }

  endHandover() {
    this.press({ title: this.personButton.textContent, payload: "/end_handover" });
  }

  /* -------- what stands in the log */

  /** @param {Opening} opening */
  greet(opening) {
    const { hotline, popular = [], privacy_url: privacy, messages = [] } = opening;
    this.greeted = true;
    if (!this.dataset.title) this.titleLine.textContent = hotline.name;
    this.callLink.href = safeLink(`tel:${hotline.phone}`) || `tel:${HOTLINE_PHONE}`;
    this.callWord.textContent = `拨打${hotline.phone}`;
    const notice = safeLink(privacy);
    this.log.welcome.replaceChildren(
      h("p", { class: "hello" }, "您好！要办什么事、带什么材料、去哪里办，直接问我。解决不了的，我帮您登记，由专人办理。"),
      ...(popular.length ? [h("h3", {}, "最近大家常问"), this.popularButtons(popular)] : []),
      h("p", { class: "fine" }, "请不要发送身份证号和银行卡号。", notice && outsideLink(notice, "我们怎样保护您的信息")));
    if (messages.length) this.log.quietly(() => this.receive(messages, { old: true }));
    this.showUnsent(messages);
  }

  popularButtons(popular) {
    return buttonGroup("最近大家常问", "option", popular.slice(0, 6), (button) => this.press(button));
  }

  showUnreachable() {
    this.log.welcome.replaceChildren(
      h("p", { class: "hello" }, "现在连不上服务器。您可以直接拨打热线，或者再试一次。"),
      h("button", { type: "button", class: "option primary", onclick: () => this.open() }, h("span", { class: "face" }, "再连一次")));
  }

  /**
   * Puts messages into the log that are not there yet.
   * @param {Message[]} messages @param {{old?: boolean}} [options] old: said on an earlier visit
   */
  receive(messages, options) {
    for (const message of messages) this.lastId = later(this.lastId, message.id);
    this.show(messages.filter((message) => !this.seen.has(String(message.id))), options);
  }

  /** @param {Message[]} messages @param {{old?: boolean}} [options] */
  show(messages, { old = false } = {}) {
    const bubbles = messages.map((message) => {
      this.seen.add(String(message.id));
      return message.from === "citizen" ? this.showCitizen(message) : this.showReply(message);
    });
    const replies = messages.filter((message) => message.from !== "citizen").map((message) => message.reply);
    if (replies.length) this.afterReplies(replies, old);
    const first = bubbles.find(Boolean);
    if (first && !old) this.log.present(first);
  }

  /** @param {Message} message @returns {?Element} null when it is an own message that was on its way */
  showCitizen(message) {
    for (const [id, bubble] of this.waiting) {
      if (!message.text || bare(bubble.words) === bare(message.text)) {
        this.settle(id);
        return null;
      }
    }
    return this.log.add(citizenBubble(message.text || ""), message.at);
  }

  /** @param {Message} message */
  showReply(message) {
    return this.log.add(renderReply(message.reply, (button, element) => this.press(button, element)), message.at);
  }

  /** @param {Reply[]} replies @param {boolean} old */
  afterReplies(replies, old) {
    this.lastReply = replies[replies.length - 1];
    this.log.quietenOutdated();
    if (old) return;
    this.log.setTyping(false);
    if (this.speaking && this.isOpen) replies.forEach((reply) => this.speaker.say(spokenText(reply)));
    if (!this.isOpen) this.setUnread(this.unread + replies.length);
  }

  /* -------- sending */

  /** A press on a button of a reply or of the fixed row. @param {Button} button @param {Element} [element] */
  press(button, element) {
    if (element?.getAttribute("aria-disabled") === "true") return;
    const earlier = [...this.waiting.values()].find(({ item }) => item.payload === button.payload);
    if (earlier) return this.resend(earlier);
    if (element) markChosen(element);
    this.send({ id: newId(), payload: button.payload, title: button.title });
  }

  /** Asks as if the citizen had typed it. @param {string} text */
  ask(text) {
    const words = text.trim();
    if (!words) return;
    if (length(words) > MAX_TEXT) this.restoreText(words);
    else this.send({ id: newId(), text: words });
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return this.input.focus();
    if (length(text) > MAX_TEXT) return this.tellProblem(`一次最多 ${MAX_TEXT} 个字，请分成几次发。`);
    this.input.value = "";
    this.typed();
    this.ask(text);
    this.input.focus();
  }

  /** @param {Outgoing} item */
  send(item) {
    this.tellProblem("");
    this.speaker.stop();
    const bubble = this.addWaiting(item);
    this.keepUnsent();
    this.log.toEnd();
    this.enqueue(bubble);
  }

  /** @param {Outgoing} item a bubble for what the server doesn't have yet */
  addWaiting(item) {
    const words = item.title || item.text;
    const bubble = Object.assign(this.log.add(citizenBubble(words)), { item, words });
    this.waiting.set(item.id, bubble);
    return bubble;
  }

  /** One after the other, so that the server reads them in the order they were said. */
  enqueue(bubble) {
    this.queue = this.queue.then(() => this.deliver(bubble));
  }

  async deliver(bubble) {
    const { item } = bubble;
    this.setTyping(true);
    try {
      await this.begin();
      const { replies = [], citizen_message_id: id } = await this.post(item);
      this.settle(item.id);
      if (id != null) this.seen.add(String(id));
      this.receiveOwn(replies);
      this.setTyping(false);
    } catch (error) {
      this.setTyping(false);
      this.fail(bubble, error);
    }
  }

  /** Sends; once more after a broken connection or with a new session, which the id makes safe. */
  async post(item, again = true) {
    try {
      return await call("POST", "messages", { session: kept.get("session"), ...item });
    } catch (error) {
      if (!again) throw error;
      if (error.status === 401) await this.renew();
      else if (error instanceof Refused) throw error;
      else await pause(1000);
      return this.post(item, false);
    }
  }

  /** The replies to an own message. They don't move `lastId`: an event before them may still be on its way. */
  receiveOwn(replies) {
    const fresh = replies.filter((reply) => !this.seen.has(String(reply.id)));
    if (fresh.length) this.show(fresh.map((reply) => ({ id: reply.id, at: reply.at, from: "assistant", reply })));
  }

  /** @param {string} id the server has this message */
  settle(id) {
    const bubble = this.waiting.get(id);
    if (!bubble) return;
    this.waiting.delete(id);
    this.clearFailure(bubble);
    this.keepUnsent();
  }

  clearFailure(bubble) {
    bubble.classList.remove("failed");
    for (const part of bubble.querySelectorAll(".resend, .why")) part.remove();
  }

  /** Sends again what failed; what is still on its way is left alone. */
  resend(bubble) {
    if (!bubble.classList.contains("failed") || bubble.querySelector(".resend[aria-disabled]")) return;
    this.clearFailure(bubble);
    this.input.focus(); // the button that was pressed is gone
    this.enqueue(bubble);
  }

  fail(bubble, error) {
    if (!this.waiting.has(bubble.item.id)) return; // the events told us that it did arrive
    const { item } = bubble;
    if (error.status === 400 || error.status === 413) {
      this.settle(item.id);
      bubble.remove();
      if (item.text) this.restoreText(item.text);
      return this.tellProblem(error.message || "这句话没有发出去，请改一改再发。");
    }
    this.offerResend(bubble, error);
  }

  /** @param {Element} bubble @param {Refused|Error} [error] */
  offerResend(bubble, error) {
    const wait = error instanceof Refused ? error.wait : 0;
    const words = h("span", {}, wait ? `发得有点快，${wait} 秒后可以重发` : "没有发出去，点这里重发");
    const button = h("button", { type: "button", class: "resend", "aria-disabled": wait ? "true" : null,
      onclick: () => this.resend(bubble) }, words);
    const why = error instanceof Refused && !wait && error.message;
    bubble.classList.add("failed");
    bubble.append(...[why && h("p", { class: "why" }, why), button].filter(Boolean));
    if (wait) {
      setTimeout(() => {
        words.textContent = "没有发出去，点这里重发";
        button.removeAttribute("aria-disabled");
      }, wait * 1000);
    }
    this.status.textContent = "没有发出去";
    if (this.log.following) this.log.toEnd();
  }

  /** Text never gets lost: it goes back to where it was typed. @param {string} text */
  restoreText(text) {
    this.input.value = [text, this.input.value].filter(Boolean).join("\n");
    this.typed();
  }

  keepUnsent() {
    tab.set("unsent", JSON.stringify([...this.waiting.values()].map(({ item }) => item)));
  }

  /** What had not reached the server when the page was left, unless it did. @param {Message[]} messages */
  showUnsent(messages) {
    const arrived = new Set(messages.map(({ text }) => bare(text || "")));
    for (const item of this.unsent.splice(0)) {
      if (!arrived.has(bare(item.title || item.text))) this.offerResend(this.addWaiting(item));
    }
    this.keepUnsent();
  }

  /** @param {boolean} on */
  setTyping(on) {
    clearTimeout(this.slowTimer);
    const toPerson = this.handover?.state === "taken";
    this.log.setTyping(on && !toPerson);
    this.status.textContent = !on ? "" : toPerson ? "已发送" : "已发送，助手正在输入";
    if (on && !toPerson) this.slowTimer = setTimeout(() => (this.status.textContent = "还在查，请稍等"), SLOW_AFTER_MS);
  }

  /** @param {string} words "" clears it */
  tellProblem(words) {
    this.problem.textContent = words;
  }

  /* -------- the input */

  /** Grows with the text and counts near the limit. */
  typed() {
    const { input } = this;
    input.style.height = "auto";
    // The border stands outside scrollHeight.
    if (input.scrollHeight) input.style.height = `${input.scrollHeight + 2}px`;
    const left = MAX_TEXT - length(input.value);
    this.count.textContent = left > MAX_TEXT - COUNT_FROM ? "" : left >= 0 ? `还可以输入 ${left} 个字` : `超出 ${-left} 个字`;
    this.count.classList.toggle("over", left < 0);
    if (left >= 0) this.tellProblem("");
    tab.set("draft", input.value || null);
  }

  /** @param {KeyboardEvent} event */
  inputKeyDown(event) {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    this.submit(event);
  }

  /* -------- comfort */

  /** @param {boolean} on 大字 */
  setElder(on) {
    this.elder = on;
    kept.set("elder", on ? "1" : null);
    if (on) this.dataset.size = "elder";
    else delete this.dataset.size;
    this.elderButton.setAttribute("aria-pressed", String(on));
    for (const button of document.querySelectorAll("[data-ltb-elder]")) button.setAttribute("aria-pressed", String(on));
    if (location.origin !== ORIGIN) return;
    if (on) document.documentElement.dataset.size = "elder";
    else delete document.documentElement.dataset.size;
  }

  /** @param {boolean} on 朗读 @param {{quiet?: boolean}} [options] quiet: say nothing at load */
  setSpeaking(on, { quiet = false } = {}) {
    if (on && !quiet && !this.speaker.voice) {
      return this.tellProblem("这台设备没有中文语音，不能朗读。请在系统设置里添加中文语音，或拨打热线。");
    }
    this.speaking = on;
    kept.set("speaking", on ? "1" : null);
    this.speakButton.setAttribute("aria-pressed", String(on));
    this.tellProblem("");
    this.speaker.stop();
    if (on && !quiet && this.lastReply) this.speaker.say(spokenText(this.lastReply));
  }

  /** @param {number} count replies that came while the panel was closed */
  setUnread(count) {
    this.unread = count;
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 9 ? "9+" : String(count);
    if (count) this.badge.append(unseen(" 条新消息"));
  }
}

/* ---------------------------------------------------------------- small rules */

/** The Enter that ends a pinyin word must not send; old browsers tell it by key code only. */
const isComposing = (event) => event.isComposing || event.keyCode === 229;

/** Characters as people and the server count them, not UTF-16 units. */
const length = (text) => [...text].length;

/** Text without blanks and control characters, which the server may drop. */
const bare = (text) => text.replace(/[\s\p{C}\p{Z}]/gu, "");

/** Who answers, for the head. @param {?Handover} handover */
function standingWord(handover) {
  if (!handover) return "智能助手，不是真人";
  if (handover.state === "taken") return `${handover.agent}正在和您说话`;
  return handover.ahead ? `正在等人工，前面还有 ${handover.ahead} 位` : "正在等人工，您是下一位";
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The later of two event ids, which may be numbers or words. */
const later = (one, other) => (one === "" || Number.isNaN(Number(other)) || Number(other) > Number(one) ? String(other) : one);

const isBefore = (one, other) => Boolean(other && one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

const citizenBubble = (text) => h("div", { class: "bubble citizen" }, unseen("您说："), h("p", {}, text));

/** The focused element, also inside shadow roots. */
function deepFocus() {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
}

/** Shows which of a reply's buttons was taken. @param {Element} element */
function markChosen(element) {
  for (const other of element.parentElement.querySelectorAll(".chosen")) {
    other.classList.remove("chosen");
    other.querySelector(".unseen")?.remove();
  }
  element.classList.add("chosen");
  element.append(unseen("（已选）"));
}

/** @param {Element} element a control that stays in place while the page scrolls */
function isFixedButton(element) {
  if (!element.closest("a, button, [role=button]")) return false;
  for (let node = element; node && node !== document.body; node = node.parentElement) {
    if (/fixed|sticky/.test(getComputedStyle(node).position)) return true;
  }
  return false;
}

/* ---------------------------------------------------------------- on the page */

/** Puts the chat where the page has none, with the attributes of our own script tag. */
function insertChat() {
  const existing = document.querySelector("ltb-chat");
  if (existing) return existing;
  const chat = document.createElement("ltb-chat");
  const script = [...document.querySelectorAll("script[src]")].find(({ src }) => src === import.meta.url);
  for (const name of ["title", "open", "position", "arrivalTitle", "arrivalPayload"]) {
    if (script?.dataset[name]) chat.dataset[name] = script.dataset[name];
  }
  document.body.append(chat);
  return chat;
}

/** @param {LtbChat} chat connects the page's own controls, see the top of this file */
function connectPage(chat) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-ltb-ask]");
    if (!form) return;
    event.preventDefault();
    const field = form.querySelector("input, textarea");
    chat.open();
    chat.ask(field.value);
    field.value = "";
  });
  document.addEventListener("click", (event) => {
    const control = event.target instanceof Element && event.target.closest("[data-ltb-payload], [data-ltb-question], [data-ltb-elder], [data-ltb-print]");
    if (!control) return;
    const { ltbPayload, ltbTitle, ltbQuestion, ltbElder, ltbPrint } = control.dataset;
    if (ltbElder !== undefined) return chat.setElder(!chat.elder);
    if (ltbPrint !== undefined) return window.print();
    chat.open();
    if (ltbPayload) chat.press({ title: ltbTitle || control.textContent.trim(), payload: ltbPayload });
    else if (ltbQuestion) chat.ask(ltbQuestion);
  });
  // Controls that need this script are invisible until it has come.
  for (const control of document.querySelectorAll("[data-ltb-needs]")) control.removeAttribute("data-ltb-needs");
}

function start() {
  const chat = insertChat();
  if (!customElements.get("ltb-chat")) customElements.define("ltb-chat", LtbChat);
  connectPage(chat);
  chat.arrive();
}

if (document.body) start();
else document.addEventListener("DOMContentLoaded", start);
