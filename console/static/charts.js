/** The charts: a page that is still counting looks again; on paper every table is there. */

const AGAIN_AFTER = 2_000; // milliseconds

if (document.querySelector("[data-counting]")) setTimeout(() => location.reload(), AGAIN_AFTER);

// Where days do not fit, the last ones are what is looked for.
for (const drawing of document.querySelectorAll(".broad .chart-drawing")) drawing.scrollLeft = drawing.scrollWidth;

window.addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll(".chart details")) table.open = true;
});
