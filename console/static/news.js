/** The numbers of the rail, asked for twice a minute while the page is looked at; that the session ends, or the server is away. */

const EVERY = 30_000; // milliseconds
const AGAIN_AFTER = 5_000; // milliseconds, while the server is away
const WARN_BEFORE = 300; // seconds
const KEPT = "ltb-counts";

let heardAt = new Date();
let toldOfEnd = false;
let next;

export function watchNews() {
  show(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"));
  ask();
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  window.addEventListener("offline", ask);
  const leaving = document.getElementById("leaving");
  leaving.querySelector("[data-stay]").addEventListener("click", () => {
    leaving.close();
    fetch("/console/stay", { method: "POST", headers: { "X-Form-Key": document.body.dataset.formKey } }).catch(ask);
  });
}

async function ask() {
  clearTimeout(next);
  if (document.visibilityState !== "visible") return;
  const response = await fetch("/console/counts", { headers: { Accept: "application/json" } }).catch(() => null);
  const away = !response || response.status >= 500;
  showAway(away);
  clearTimeout(next);
  next = setTimeout(ask, away ? AGAIN_AFTER : EVERY);
  if (away) return;
  heardAt = new Date();
  if (response.status === 401) return tellOfEnd();
  toldOfEnd = false;
  if (!response.ok) return;
  const told = await response.json();
  sessionStorage.setItem(KEPT, JSON.stringify(told.counts));
  show(told.counts);
  if (told.extends && told.seconds_left <= WARN_BEFORE) warn(told.seconds_left);
}

function show(counts) {
  for (const number of document.querySelectorAll("[data-count]")) {
    const count = counts[number.dataset.count] ?? 0;
    number.hidden = !count;
    number.textContent = count > 99 ? "99+" : count;
  }
}

function showAway(away) {
  const said = document.querySelector("[data-away] > span");
  if (said.hidden === !away) return;
  said.querySelector("[data-away-since]").textContent = heardAt.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  said.hidden = !away;
}

function warn(seconds) {
  const dialog = document.getElementById("leaving");
  dialog.querySelector("[data-minutes-left]").textContent = Math.max(1, Math.floor(seconds / 60));
  if (!dialog.open) dialog.showModal();
}

/** Once: who goes on reading or copying is not asked again and again. */
function tellOfEnd() {
  document.getElementById("leaving").close();
  if (!toldOfEnd) document.getElementById("ended").showModal();
  toldOfEnd = true;
}
