// Texts on a canvas: how wide they are, and what of them fits. Both are asked
// for again and again with the same texts, so the answers are kept.

const maxKept = 4000; // of one font

/** @typedef {{widths: Map<string, number>, fitted: Map<string, string>}} Kept */

/** @type {Map<string, Kept>} by font */
const fonts = new Map();
let kept = keptOf("");

/** @param {string} font @returns {Kept} */
function keptOf(font) {
  let found = fonts.get(font);
  if (!found) {
    found = { widths: new Map(), fitted: new Map() };
    fonts.set(font, found);
  }
  return found;
}

/** Sets the font of what is measured and drawn next. @param {CanvasRenderingContext2D} c @param {string} font */
export function useFont(c, font) {
  c.font = font;
  kept = keptOf(font);
}

/** @param {CanvasRenderingContext2D} c its font was set by useFont @param {string} text */
export function widthOf(c, text) {
  let width = kept.widths.get(text);
  if (width === undefined) {
    width = c.measureText(text).width;
    if (kept.widths.size >= maxKept) kept.widths.clear();
    kept.widths.set(text, width);
  }
  return width;
}

/**
 * A text, or as much of it as fits. Of a node's name its number stays, which
 * tells it from its neighbours.
 * @param {CanvasRenderingContext2D} c its font was set by useFont @param {string} text @param {number} room in pixels
 */
export function fit(c, text, room) {
  if (widthOf(c, text) <= room) return text;
  const key = `${Math.round(room)}|${text}`;
  let short = kept.fitted.get(key);
  if (short === undefined) {
    const number = /\/\d+$/.exec(text)?.[0] ?? "";
    const letters = [...text.slice(0, text.length - number.length)];
    const shown = () => (letters.length > 0 ? `${letters.join("").trimEnd()}…${number}` : "");
    while (letters.length > 0 && c.measureText(shown()).width > room) letters.pop();
    short = shown();
    if (kept.fitted.size >= maxKept) kept.fitted.clear();
    kept.fitted.set(key, short);
  }
  return short;
}
