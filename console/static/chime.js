/** Two soft notes when somebody waits, for who asked for them. */

const KEPT = "ltb-chime";
const NOTES = [659, 880]; // hertz
const LASTS = 0.18; // seconds
let context;

/** @param {HTMLInputElement} box who ticks it hears at once how it sounds */
export function watchChime(box) {
  box.checked = localStorage.getItem(KEPT) === "on";
  box.addEventListener("change", () => {
    localStorage.setItem(KEPT, box.checked ? "on" : "off");
    chime();
  });
}

/** Browsers are silent until somebody has pressed something on the page; then nothing is made up for later. */
export function chime() {
  if (localStorage.getItem(KEPT) !== "on" || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  NOTES.forEach((hertz, number) => {
    const at = context.currentTime + number * LASTS;
    const loudness = new GainNode(context, { gain: 0.15 });
    const note = new OscillatorNode(context, { frequency: hertz });
    loudness.gain.setTargetAtTime(0, at, LASTS / 3);
    note.connect(loudness).connect(context.destination);
    note.start(at);
    note.stop(at + 2 * LASTS);
  });
}
