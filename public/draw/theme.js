// The page's colours and words as the canvas needs them. Colours live in CSS
// custom properties on :root; they are read once for each change of theme.

/**
 * @typedef {object} Theme
 * @property {string} paper background of the stage
 * @property {string} ink text and strokes
 * @property {string} muted secondary text
 * @property {string} ground the second surface
 * @property {string} line hairlines
 * @property {string} edge borders that must be seen
 * @property {string} accent selection
 * @property {string} font family
 * @property {number} scale of texts and nodes: 1, or more in presentation mode and where the browser's letters are larger
 * @property {(name: string) => string} color a colour by its palette name ("idle", "push", ...)
 */

// What is drawn when a page brings no style sheet of ours: Okabe and Ito's palette on white.
const plain = {
  paper: "#ffffff", ink: "#1b1d1f", muted: "#5d646b", ground: "#f3f4f5", line: "#d5d9dd", edge: "#868d94", accent: "#0072b2",
  "c-idle": "#8a929a", "c-active": "#d55e00", "c-done": "#0072b2", "c-warn": "#cc79a7",
  "c-push": "#d55e00", "c-pull": "#0072b2", "c-reply": "#009e73", "c-data": "#b07d00",
};

/** @returns {Theme} */
export function readTheme() {
  const root = document.documentElement;
  const style = getComputedStyle(root);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  /** @param {keyof typeof plain} name */
  const tone = (name) => read(name) || plain[name];
  /** @type {Map<string, string>} */
  const colors = new Map();
  return {
    paper: tone("paper"),
    ink: tone("ink"),
    muted: tone("muted"),
    ground: tone("ground"),
    line: tone("line"),
    edge: tone("edge"),
    accent: tone("accent"),
    font: read("font") || "system-ui, sans-serif",
    scale: Math.max(1, parseFloat(style.fontSize) / 16 || 1),
    color(name) {
      let css = colors.get(name);
      if (css === undefined) {
        css = tone(/** @type {any} */ (`c-${name}`)) || tone("c-idle");
        colors.set(name, css);
      }
      return css;
    },
  };
}

/** @returns {"en" | "zh"} */
export function language() {
  return document.documentElement.lang.startsWith("zh") ? "zh" : "en";
}

/** @param {import("./frames.js").Text | undefined} text */
export function say(text) {
  return text ? text[language()] || text.en : "";
}

/**
 * Calls back whenever the page's theme, language or presentation mode changes.
 * @param {() => void} changed
 */
export function watchTheme(changed) {
  new MutationObserver(changed).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["lang", "data-theme", "data-present", "class", "style"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/**
 * The text colour, black or white, that reads best on a fill.
 * @param {string} fill #rrggbb
 */
export function textOn(fill) {
  const n = parseInt(fill.slice(1, 7), 16);
  const luma = 0.299 * (n >> 16) + 0.587 * ((n >> 8) & 255) + 0.114 * (n & 255);
  return luma > 140 ? "#000000" : "#ffffff";
}
