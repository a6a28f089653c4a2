// Texts on a canvas: how wide they are, and what of them fits. Both are asked
// for again and again with the same texts, so the answers are kept.

const maxKept = 4000;
/** @type {Map<string, number>} */
const widths = new Map();
/** @type {Map<string, string>} */
const fitted = new Map();

/** @param {CanvasRenderingContext2D} c its font is set @param {string} text */
export function widthOf(c, text) {
  const key = `${c.font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    width = c.measureText(text).width;
    if (widths.size >= maxKept) widths.clear();
    widths.set(key, width);
  }
  return width;
}

/**
 * A text, or as much of it as fits.
 * @param {CanvasRenderingContext2D} c its font is set @param {string} text @param {number} room in pixels
 */
export function fit(c, text, room) {
  if (widthOf(c, text) <= room) return text;
  const key = `${c.font}|${Math.round(room)}|${text}`;
  let short = fitted.get(key);
  if (short === undefined) {
    const letters = [...text];
    while (letters.length > 0 && c.measureText(`${letters.join("").trimEnd()}…`).width > room) letters.pop();
    short = letters.length > 0 ? `${letters.join("").trimEnd()}…` : "";
    if (fitted.size >= maxKept) fitted.clear();
    fitted.set(key, short);
  }
  return short;
}
