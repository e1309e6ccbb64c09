/** A year to be clicked, or walked with the arrow keys: what is marked there is written into the form, and back. */

const form = document.querySelector("[data-year-form]");
const grid = document.querySelector("[data-year]");
const days = [...grid.querySelectorAll("[data-day]")];
const brush = form.querySelector("#brush");
const [free, worked] = [form.elements.free, form.elements.worked];
const WEEK = "日一二三四五六";
const year = Number(grid.dataset.year);

form.querySelector("[data-brush]").hidden = false;

/** The days from one to another, both written 10-01. */
function between(first, last) {
  const found = [];
  for (const each of days) if (each.dataset.day >= first && each.dataset.day <= last) found.push(each.dataset.day);
  return found;
}

function daysIn(text) {
  return text.split(/[、，,\s]+/).filter(Boolean).flatMap((range) => {
    const [first, last] = range.replace("～", "~").split("~");
    return between(first, last ?? first);
  });
}

/** What the form says: the holiday of each free day, and "+" for days that are worked. */
function marks() {
  const found = new Map();
  for (const line of free.value.split("\n")) {
    const [, name, ranges] = line.trim().match(/^([^\s：:]+)[\s：:]+(.+)$/) ?? [];
    if (name) daysIn(ranges).forEach((day) => found.set(day, name));
  }
  daysIn(worked.value).forEach((day) => found.set(day, "+"));
  return found;
}

/** Days in a row as one range. */
function ranges(marked) {
  const found = [];
  for (const [place, { dataset }] of days.entries()) {
    if (!marked.has(dataset.day)) continue;
    if (place && found.length && found.at(-1).last === days[place - 1].dataset.day) found.at(-1).last = dataset.day;
    else found.push({ first: dataset.day, last: dataset.day });
  }
  return found.map(({ first, last }) => (first === last ? first : `${first}~${last}`)).join("、");
}

function write(marked) {
  const named = new Map();
  for (const { dataset } of days) {
    const name = marked.get(dataset.day);
    if (name) named.set(name, (named.get(name) ?? new Set()).add(dataset.day));
  }
  worked.value = ranges(named.get("+") ?? new Set());
  named.delete("+");
  free.value = [...named].map(([name, of]) => `${name} ${ranges(of)}`).join("\n");
  free.dispatchEvent(new Event("input", { bubbles: true }));
}

function paint() {
  const marked = marks();
  for (const day of days) {
    const [month, date] = day.dataset.day.split("-").map(Number);
    const weekday = new Date(Date.UTC(year, month - 1, date)).getUTCDay();
    const mark = marked.get(day.dataset.day);
    const kind = mark === "+" ? "worked" : mark ? "free" : weekday % 6 ? "plain" : "off";
    const told = { worked: "调休上班", free: `放假，${mark}`, plain: "上班", off: "周末" }[kind];
    day.className = `day ${kind}`;
    day.title = mark === "+" ? "调休上班" : (mark ?? "");
    day.setAttribute("aria-label", `${month}月${date}日 星期${WEEK[weekday]}，${told}`);
  }
}

function go(place) {
  const target = days[Math.min(Math.max(place, 0), days.length - 1)];
  days.forEach((day) => (day.tabIndex = day === target ? 0 : -1));
  target.focus();
}

grid.addEventListener("click", (event) => {
  const day = event.target.closest("[data-day]");
  if (!day) return;
  const marked = marks();
  if (brush.value === "-" || marked.get(day.dataset.day) === brush.value) marked.delete(day.dataset.day);
  else marked.set(day.dataset.day, brush.value);
  write(marked);
  go(days.indexOf(day));
});

grid.addEventListener("keydown", (event) => {
  const place = days.indexOf(event.target);
  if (place < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  const date = Number(event.target.textContent);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, PageUp: -30, PageDown: 31, Home: 1 - date };
  if (!(event.key in steps)) return;
  event.preventDefault();
  go(place + steps[event.key]);
});

for (const field of [free, worked]) field.addEventListener("input", paint);
paint();
