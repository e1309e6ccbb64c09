/** The numbers of the rail, asked for twice a minute while the page is looked at; and a warning before the session ends. */

const EVERY = 30_000; // milliseconds
const WARN_BEFORE = 300; // seconds
const KEPT = "ltb-counts";

export function watchNews() {
  show(JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"));
  ask();
  setInterval(() => document.visibilityState === "visible" && ask(), EVERY);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  document.querySelector("[data-stay]").addEventListener("click", stay);
}

async function ask() {
  let response;
  try {
    response = await fetch("/console/counts", { headers: { Accept: "application/json" } });
  } catch {
    return; // the network is away; the next time tells
  }
  if (response.status === 401) return warn(0);
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

function warn(seconds) {
  const dialog = document.getElementById("leaving");
  if (!seconds) {
    dialog.querySelector("p").textContent = "登录已经结束。没保存的内容请先复制下来，再重新登录。";
    dialog.querySelector("[data-stay]").textContent = "知道了";
  } else dialog.querySelector("[data-minutes-left]").textContent = Math.max(1, Math.floor(seconds / 60));
  if (!dialog.open) dialog.showModal();
}

async function stay() {
  const dialog = document.getElementById("leaving");
  await fetch("/console/stay", { method: "POST", headers: { "X-Form-Key": document.body.dataset.formKey } });
  dialog.close();
}
