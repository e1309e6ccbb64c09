/** The dispatcher's keys: 1 to 3 choose a suggested unit, 0 the list, Enter sends, n leaves it for later. */

const form = document.querySelector("form[data-dispatching]");
const other = form.querySelector("[data-key='0']");

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.ctrlKey && event.key === "Enter") return form.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("ltb-single-keys") === "off") return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog")) return;
  if (event.key === "n") document.querySelector("[data-skip]")?.click();
  const choice = /^[0-3]$/.test(event.key) ? form.querySelector(`[data-key="${event.key}"]`) : null;
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  if (choice === other) form.querySelector("[data-narrows='unit']").focus();
  else choice.focus();
});

form.querySelector("#unit").addEventListener("change", () => (other.checked = true));
