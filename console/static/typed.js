/** What is typed with a Chinese input method counts once its characters are chosen; the letters on the way to them do not. */

/**
 * @param {EventTarget} target a field, or something around several
 * @param {(event: Event) => void} act
 */
export function onTyped(target, act) {
  target.addEventListener("input", (event) => event.isComposing || act(event));
  target.addEventListener("compositionend", act); // browsers send no further input event after it
}
