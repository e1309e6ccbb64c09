/** The print button of a sheet; without script it stays away, and the browser's own menu prints as well. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
