/** Forms: filters send themselves, what cannot be taken back is asked about, nothing typed is left by mistake, nothing is sent twice. */

const SENT_FOR = 5_000; // milliseconds

export function watchForms() {
  // Who chooses with the keyboard passes other choices on the way, and presses the button at the end.
  let byPointer = false;
  document.addEventListener("pointerdown", () => (byPointer = true), true);
  document.addEventListener("keydown", () => (byPointer = false), true);
  document.addEventListener("change", (event) => {
    if (byPointer && event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.ask && !window.confirm(form.dataset.ask)) {
      event.preventDefault();
      return;
    }
    if (form.method !== "post") {
      if (form.method === "get") keepNumbersOut(event);
      return;
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, SENT_FOR); // a download leaves the page where it is
  });
  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  let typed = false;
  document.addEventListener("input", (event) => {
    typed ||= event.target.matches("form[data-saves] *, form[data-move] textarea");
  });
  document.addEventListener("submit", () => (typed = false));
  document.addEventListener("kept", () => (typed = false)); // a page that saves by itself has done so
  window.addEventListener("beforeunload", (event) => {
    if (!typed) return;
    event.preventDefault();
    event.returnValue = ""; // browsers before 2023
  });

  document.querySelector("[data-again]")?.addEventListener("submit", sendAgain);
  document.querySelector("[data-focus]")?.focus();
  document.querySelector("[data-dismiss]")?.addEventListener("click", (event) => event.target.closest("[data-flash]").remove());
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  document.querySelector("[data-back]")?.addEventListener("click", (event) => {
    if (history.length < 2) return;
    event.preventDefault();
    history.back();
  });
}

/** What a filter holds becomes an address, and stays in the history: nobody's phone or identity number may. */
function keepNumbersOut(event) {
  const personal = new RegExp(document.body.dataset.personalNumber);
  const fields = [...event.target.elements].filter((field) => field.matches("input, textarea"));
  for (const field of fields) {
    if (!personal.test(field.value.normalize("NFKC"))) continue;
    event.preventDefault();
    field.setCustomValidity("电话和证件号码不放进网址，免得留在浏览记录里。要按电话找工单，请写在最上面的搜索框里。");
    field.reportValidity();
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
    return;
  }
}

/** A form that came too late is sent with the key of the session that was begun meanwhile. */
async function sendAgain(event) {
  event.preventDefault();
  const form = event.target;
  const response = await fetch("/console/counts", { headers: { Accept: "application/json" } });
  form.querySelector("[data-again-failed]").hidden = response.ok;
  delete form.dataset.sent;
  if (!response.ok) return;
  form.elements.form_key.value = (await response.json()).form_key;
  form.submit();
}
