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

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {number} cell @param {number} x @param {number} y @param {number} w @param {number} h */
export function drawStrip(c, theme, z, row, cell, x, y, w, h) {
  const height = lineHeight(row, z);
  const perLine = Math.max(1, Math.floor((w + z.gap) / (cell + z.gap)));
  const lines = Math.max(1, Math.floor((h + z.gap + 0.5) / (height + z.gap)));
  let shown = row.cells.length;
  let left = row.more ?? 0;
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
 * A strip whose last cells are what stays; what has no room is counted before them.
 * @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {number} cell @param {number} x @param {number} y @param {number} w @param {number} h
 */
export function drawTail(c, theme, z, row, cell, x, y, w, h) {
  const height = lineHeight(row, z);
  const step = cell + z.gap;
  const perLine = Math.max(1, Math.floor((w + z.gap) / step));
  const places = perLine * Math.max(1, Math.floor((h + z.gap + 0.5) / (height + z.gap)));
  let shown = row.cells.length;
  let left = row.more ?? 0;
  let taken = 0; // places, by the count
  if (left > 0 || shown > places) {
    taken = Math.ceil(moreWidth(c, left + shown) / step);
    if (taken >= places && shown > 0) {
      // At least the last, as much of it as there is room for.
      const count = moreWidth(c, (left += shown - 1));
      more(c, theme, left, x - 3, y + height / 2 + 0.5);
      return drawCell(c, theme, row.cells[shown - 1], x + count, y, w - count, height);
    }
    const hidden = Math.max(0, shown - (places - taken));
    left += hidden;
    shown -= hidden;
  }
  if (left > 0) more(c, theme, left, x - 3, y + height / 2 + 0.5);
  for (let i = 0; i < shown; i++) {
    const at = i + (left > 0 ? taken : 0);
    drawCell(c, theme, row.cells[row.cells.length - shown + i], x + (at % perLine) * step, y + Math.floor(at / perLine) * (height + z.gap), cell, height);
  }
  if (left === 0 && shown === 0) nothing(c, theme, x, y, height);
}

/** A row that is empty, and not missing. @param {CanvasRenderingContext2D} c @param {Theme} theme @param {number} x @param {number} y @param {number} h */
function nothing(c, theme, x, y, h) {
  c.fillStyle = theme.edge;
  c.fillRect(x, y + h / 2, 12 * theme.scale, 1);
}
