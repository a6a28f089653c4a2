// One cell of a card: a box with a text. Its colour tells what it is, and its
// look how it stands, by shape, for those who see no colours: a heavy border
// where things happen now, hatching where something waits, a cross where it is
// dead, a broken border where it is idle.

import { fit } from "./texts.js";
import { language } from "./theme.js";

/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {[en: string, zh: string, color: string, look: number, value: number, max: number]} Cell as the engine sends it */

export const LIT = 1;
export const HATCHED = 2;
export const CROSSED = 3;
export const FADED = 4;

/** @param {Cell} cell */
export function cellText(cell) {
  return (language() === "zh" && cell[1]) || cell[0];
}

/** How much of a cell is filled, 0 to 1; -1 when it is none that fills. @param {Cell} cell */
export function fillOf(cell) {
  return cell[5] > 0 ? Math.max(0, Math.min(1, cell[4] / cell[5])) : -1;
}

/**
 * @param {CanvasRenderingContext2D} c its font is set
 * @param {Theme} theme @param {Cell} cell
 * @param {number} x @param {number} y @param {number} w @param {number} h
 * @param {CanvasTextAlign} [align]
 */
export function drawCell(c, theme, cell, x, y, w, h, align = "center") {
  const look = cell[3];
  const color = cell[2] ? theme.color(cell[2]) : theme.muted;
  c.fillStyle = theme.paper;
  c.fillRect(x, y, w, h);
  drawFill(c, cell, color, x, y, w, h);
  if (look === HATCHED) hatch(c, color, x, y, w, h);
  c.strokeStyle = look === LIT ? theme.ink : cell[2] ? color : theme.edge;
  c.lineWidth = look === LIT ? 2.5 : 1;
  c.setLineDash(look === FADED ? [3, 3] : []);
  const inset = c.lineWidth / 2;
  c.strokeRect(x + inset, y + inset, w - 2 * inset, h - 2 * inset);
  c.setLineDash([]);
  const text = cellText(cell);
  if (text) {
    const room = w - 8;
    const shown = fit(c, text, room);
    c.textAlign = align;
    c.textBaseline = "middle";
    const at = align === "left" ? x + 6 : x + w / 2;
    if (look === HATCHED) {
      c.strokeStyle = theme.paper; // keeps the hatching away from the letters
      c.lineWidth = 4;
      c.lineJoin = "round";
      c.strokeText(shown, at, y + h / 2 + 0.5);
    }
    c.fillStyle = look === FADED || look === CROSSED ? theme.muted : theme.ink;
    c.fillText(shown, at, y + h / 2 + 0.5);
  }
  if (look === CROSSED) cross(c, theme, x, y, w, h);
}

/** @param {CanvasRenderingContext2D} c @param {Cell} cell @param {string} color @param {number} x @param {number} y @param {number} w @param {number} h */
function drawFill(c, cell, color, x, y, w, h) {
  const part = fillOf(cell);
  const [look, plain] = [cell[3], !cell[2]];
  if (look === HATCHED || look === FADED || (plain && part < 0)) return;
  c.fillStyle = color;
  const alpha = c.globalAlpha; // less where the whole card is dimmed
  if (part >= 0) {
    c.globalAlpha = 0.4 * alpha;
    c.fillRect(x, y, w * part, h);
  } else {
    c.globalAlpha = (cellText(cell) ? 0.28 : 1) * alpha; // a square without a text is all colour
    c.fillRect(x, y, w, h);
  }
  c.globalAlpha = alpha;
}

/** Slanted lines, by colour. @type {Map<string, CanvasPattern>} */
const hatches = new Map();

/**
 * Fills a box with slanted lines.
 * @param {CanvasRenderingContext2D} c @param {string} color
 * @param {number} x @param {number} y @param {number} w @param {number} h
 */
export function hatch(c, color, x, y, w, h) {
  let pattern = hatches.get(color);
  if (!pattern) {
    pattern = slanted(c, color);
    hatches.set(color, pattern);
  }
  c.fillStyle = pattern;
  c.fillRect(x, y, w, h);
}

/** Drawn four times as large as it is shown, to be sharp on every screen. @param {CanvasRenderingContext2D} c @param {string} color */
function slanted(c, color) {
  const [step, fine] = [5, 4];
  const side = step * fine;
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const t = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  t.strokeStyle = color;
  t.lineWidth = 1.1 * fine;
  for (const at of [-side, 0, side]) {
    t.moveTo(at - side, 2 * side);
    t.lineTo(at + 2 * side, -side);
  }
  t.stroke();
  const pattern = /** @type {CanvasPattern} */ (c.createPattern(tile, "repeat"));
  pattern.setTransform(new DOMMatrix().scale(1 / fine));
  return pattern;
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {number} x @param {number} y @param {number} w @param {number} h */
function cross(c, theme, x, y, w, h) {
  c.strokeStyle = theme.ink;
  c.lineWidth = 1.5;
  c.beginPath();
  c.moveTo(x + 2, y + h - 2);
  c.lineTo(x + w - 2, y + 2);
  c.stroke();
}
