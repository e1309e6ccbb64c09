/** A table that is too wide is moved sideways; where nothing in it takes the focus, it takes it itself, so keys move it. */

const TAKES_FOCUS = "a[href], button, input, select, textarea, summary, [tabindex]";

export function watchTables() {
  const look = () => {
    for (const table of document.querySelectorAll(".table:not([tabindex])")) {
      if (table.scrollWidth <= table.clientWidth || table.querySelector(TAKES_FOCUS)) continue;
      table.tabIndex = 0;
      table.setAttribute("role", "region");
      table.setAttribute("aria-label", "表格，可以左右移动");
    }
  };
  look();
  window.addEventListener("resize", look);
}
