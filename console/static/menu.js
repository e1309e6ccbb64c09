/** The rail: folded to icons on a screen, opened over the page on a phone. */

const YEAR = 31536000;

export function watchMenu() {
  const root = document.documentElement;
  const rail = document.getElementById("rail");
  const fold = document.querySelector("[data-fold]");
  fold?.addEventListener("click", () => {
    const narrow = root.dataset.rail !== "narrow";
    if (narrow) root.dataset.rail = "narrow";
    else delete root.dataset.rail;
    fold.setAttribute("aria-expanded", String(!narrow));
    document.cookie = `ltb_rail=${narrow ? "narrow" : "wide"}; path=/console; max-age=${YEAR}; samesite=lax`;
  });

  const opener = document.querySelector("[data-menu]");
  const show = (open) => {
    rail.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    if (open) rail.querySelector("a").focus();
  };
  opener?.addEventListener("click", () => show(!rail.classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && rail?.classList.contains("open")) {
      show(false);
      opener.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (rail?.classList.contains("open") && !event.target.closest("#rail, [data-menu]")) show(false);
  });
}
