/**
 * Where somebody is in a list: back from a ticket they stand on its row again, j and k go on from ticket to ticket,
 * and “上一页” is the page they came from. Kept in the tab, so two tabs are two places.
 */

const LIST = "ltb-list"; // the last list: its address, what it held, what was opened
const PAGES = "ltb-pages"; // which page of a list was before which
const BACK = "ltb-back"; // the list that is gone back to
const PAGES_KEPT = 200;

const kept = (name, otherwise) => JSON.parse(sessionStorage.getItem(name)) ?? otherwise;
const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));
const here = () => location.pathname + location.search;

/** @returns {HTMLAnchorElement[]} the links that open the rows of the first list of the page */
export function rowLinks() {
  const list = document.querySelector("[data-list]");
  return [...(list?.querySelectorAll("tbody tr") ?? [])].map((row) => row.querySelector("a[href]")).filter(Boolean);
}

export function standOn(link) {
  document.querySelector("tr.here")?.classList.remove("here");
  link.closest("tr").classList.add("here");
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

export function watchPlace() {
  const links = rowLinks();
  if (links.length) watchList(links);
  else watchOpened();
  watchPages();
}

function watchList(links) {
  const list = kept(LIST);
  const cameBack = kept(BACK) === here() || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  sessionStorage.removeItem(BACK);
  if (cameBack && list?.address === here() && list.at >= 0 && !document.querySelector("[data-focus]")) {
    // What was opened may have left the list; then whoever was after it stands in its place.
    const opened = links.find((link) => link.pathname === list.paths[list.at]);
    standOn(opened ?? links[Math.min(list.at, links.length - 1)]);
  }
  document.addEventListener("click", (event) => {
    const at = links.indexOf(event.target.closest("a"));
    if (at >= 0) keep(LIST, { address: here(), paths: links.map((link) => link.pathname), at });
  });
}

/** A page that was opened from a list leads back to it, and on to its neighbours. */
function watchOpened() {
  const list = kept(LIST);
  const at = list?.paths.indexOf(location.pathname) ?? -1;
  if (at < 0) return;
  keep(LIST, { ...list, at });
  for (const back of document.querySelectorAll("[data-to-list]")) {
    back.href = list.address;
    back.addEventListener("click", () => keep(BACK, list.address));
  }
  for (const [name, by] of [["previous", -1], ["following", 1]]) {
    const link = document.querySelector(`[data-${name}]`);
    if (!link || !list.paths[at + by]) continue;
    link.href = list.paths[at + by];
    link.hidden = false;
  }
}

/** Pages go by keys, so the server knows the first page and the next; which was before is known here. */
function watchPages() {
  const before = kept(PAGES, {})[here()];
  const previous = document.querySelector(".paging [rel=prev]");
  if (before && previous) {
    previous.href = before;
    previous.textContent = "上一页";
  }
  document.querySelector(".paging [rel=next]")?.addEventListener("click", (event) => {
    const { pathname, search } = event.currentTarget;
    const pages = Object.entries({ ...kept(PAGES, {}), [pathname + search]: here() });
    keep(PAGES, Object.fromEntries(pages.slice(-PAGES_KEPT)));
  });
}
