// Strips: cells side by side, wrapped. What has no room is counted: behind the
// first cells in a strip, before the last ones in a tail.

import { cellText, drawCell } from "./cells.js";
import { widthOf } from "./texts.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Sizes} Sizes */

/** @param {Row} row @param {Sizes} z */
export function lineHeight(row, z) {
  return row.cells.length > 0 && row.cells.every((cell) => !cellText(cell)) ? z.square : z.cell;
}

/** What stands behind the last cell, when not all are seen. @param {CanvasRenderingContext2D} c @param {number} n */
export function moreWidth(c, n) {
  return widthOf(c, `+${n}`) + 5;
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {number} n @param {number} x @param {number} y */
export function more(c, theme, n, x, y) {
  c.fillStyle = theme.muted;
  c.textAlign = "left";
  c.textBaseline = "middle";
  c.fillText(`+${n}`, x + 3, y);
}

const leastSquare = 6; // pixels of a square that is made small to go in with the others

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {number} cell @param {number} x @param {number} y @param {number} w @param {number} h */
export function drawStrip(c, theme, z, row, cell, x, y, w, h) {
  const height = lineHeight(row, z);
  let perLine = Math.max(1, Math.floor((w + z.gap) / (cell + z.gap)));
  const lines = Math.max(1, Math.floor((h + z.gap + 0.5) / (height + z.gap)));
  let shown = row.cells.length;
  let left = row.more ?? 0;
  const narrow = (w + z.gap) / shown - z.gap;
  if (left === 0 && height === z.square && lines === 1 && perLine < shown && narrow >= leastSquare) {
    [cell, perLine] = [narrow, shown]; // where each stands says something: better small than not there
  }
  if (shown > perLine * lines || (left > 0 && shown >= perLine * lines)) {
    const taken = Math.ceil((widthOf(c, `+${left + shown}`) + 4) / (cell + z.gap));
    const fits = perLine * lines - taken;
    if (fits < 1 && shown > 0) {
      // At least the first, as much of it as there is room for.
      left += shown - 1;
      cell = w - moreWidth(c, left);
      drawCell(c, theme, row.cells[0], x, y, cell, height);
      return more(c, theme, left, x + cell, y + height / 2 + 0.5);
    }
    left += shown - Math.min(shown, Math.max(0, fits));
    shown = Math.min(shown, Math.max(0, fits));
  }
  for (let i = 0; i < shown; i++) {
    drawCell(c, theme, row.cells[i], x + (i % perLine) * (cell + z.gap), y + Math.floor(i / perLine) * (height + z.gap), cell, height);
  }
  if (left > 0) more(c, theme, left, x + (shown % perLine) * (cell + z.gap), y + Math.floor(shown / perLine) * (height + z.gap) + height / 2 + 0.5);
  else if (shown === 0) nothing(c, theme, x, y, height);
}

/**
 * A strip whose last cells are what stays; what has no room is counted before
 * them. Marks, which have no colour, make room first.
 * @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {number} cell @param {number} x @param {number} y @param {number} w @param {number} h
 */
export function drawTail(c, theme, z, row, cell, x, y, w, h) {
  const height = lineHeight(row, z);
  const step = cell + z.gap;
  const lines = Math.max(1, Math.floor((h + z.gap + 0.5) / (height + z.gap)));
  let left = row.more ?? 0;
  /** How many cells have room behind the count, and where the first is. @param {number} n @returns {[places: number, from: number]} */
  const room = (n) => {
    const count = left > 0 || n > Math.floor((w + z.gap) / step) * lines ? moreWidth(c, left + n) : 0;
    // In several lines, the cells stand below each other.
    const from = lines > 1 ? step * Math.ceil(count / step) : count;
    return [Math.max(0, Math.floor((w - from + z.gap) / step)) + (lines - 1) * Math.floor((w + z.gap) / step), from];
  };
  let cells = row.cells;
  if (room(cells.length)[0] < cells.length) cells = cells.filter((one) => one[2]);
  let [places, from] = room(cells.length);
  if (places < cells.length) {
    places = Math.max(1, places);
    left += cells.length - places;
    cells = cells.slice(-places);
    if (places === 1) [from, cell] = [moreWidth(c, left), Math.min(cell, w - moreWidth(c, left))]; // as much of it as there is room for
  }
  if (left > 0) more(c, theme, left, x - 3, y + height / 2 + 0.5);
  let at = left > 0 ? from : 0;
  for (const one of cells) {
    if (at + cell > w + 0.5 && at > 0) [at, y] = [0, y + height + z.gap];
    drawCell(c, theme, one, x + at, y, cell, height);
    at += step;
  }
  if (left === 0 && cells.length === 0) nothing(c, theme, x, y, height);
}

/** A row that is empty, and not missing. @param {CanvasRenderingContext2D} c @param {Theme} theme @param {number} x @param {number} y @param {number} h */
function nothing(c, theme, x, y, h) {
  c.fillStyle = theme.edge;
  c.fillRect(x, y + h / 2, 12 * theme.scale, 1);
}
