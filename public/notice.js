// The page's #boot box: how far loading is, or what went wrong and what to do.

import { language } from "./draw/theme.js";

const words = {
  loading: { en: "Loading the engine", zh: "正在载入引擎" },
  starting: { en: "Starting the engine", zh: "正在启动引擎" },
  reload: { en: "Reload", zh: "重新载入" },
};

/** @returns {HTMLElement} */
function box() {
  const found = document.getElementById("boot");
  if (found) return found;
  const made = document.createElement("div");
  made.id = "boot";
  document.body.append(made);
  return made;
}

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** On most machines loading is over before anyone could read of it. */
let quietUntil = performance.now() + 400;

/** Says that a new wait begins. */
export function beginWait() {
  quietUntil = performance.now() + 400;
}

/** @param {number} loaded @param {number} total bytes; 0: unknown */
export function showProgress(loaded, total) {
  if (performance.now() < quietUntil) return;
  const host = box();
  host.hidden = false;
  host.setAttribute("role", "status");
  const text = words.loading[language()];
  host.textContent = total > 0 ? `${text} ${Math.round((100 * loaded) / total)} %` : `${text} ${megabytes(loaded)} MB`;
}

export function showStarting() {
  box().textContent = words.starting[language()];
}

export function hideNotice() {
  box().hidden = true;
}

/**
 * Says what failed and offers to reload.
 * @param {import("./draw/frames.js").Text} text @param {string} detail
 */
export function showFailure(text, detail) {
  const host = box();
  host.hidden = false;
  host.setAttribute("role", "alert");
  host.textContent = "";
  const sentence = document.createElement("p");
  sentence.textContent = text[language()];
  host.append(sentence);
  if (detail) {
    const small = document.createElement("code");
    small.textContent = detail;
    host.append(small);
  }
  const button = document.createElement("button");
  button.textContent = words.reload[language()];
  button.onclick = () => location.reload();
  host.append(button);
}
