/** The page of a long job: asks each second how far it is, and shows the page anew when it has ended. */

const EVERY = 1_000; // milliseconds
const bar = document.querySelector("[data-job]");

async function ask() {
  try {
    const response = await fetch(`/console/jobs/${bar.dataset.job}/state`);
    if (!response.ok) return location.reload();
    const { state, share } = await response.json();
    if (state !== "running") return location.reload();
    bar.value = share;
    document.querySelector("[data-share]").textContent = Math.round(share * 100);
  } catch {
    // the network is away; the next time tells
  }
  setTimeout(ask, EVERY);
}

if (bar) setTimeout(ask, EVERY);
