// The rows of a card, in their five forms: how much room each would like, and
// how it is drawn in what room there is.

import { cellText, CROSSED, drawCell, FADED, fillOf, HATCHED, LIT } from "./cells.js";
import { drawStrip, drawTail, lineHeight, more, moreWidth } from "./strips.js";
import { fit, widthOf } from "./texts.js";
import { say } from "./theme.js";

/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./frames.js").Text} Text */
/** @typedef {{label: Text, form: string, cells: Cell[], more?: number, room?: number, sample?: Text}} Row room: for so many cells with such a text a place is kept */
/**
 * What a row takes, alike in all cards of a role and never less than it took.
 * @typedef {object} Shape
 * @property {number} h
 * @property {number} cell width of a strip's cells, of a table's keys
 * @property {number} value width of a table's values
 */

/** @typedef {ReturnType<typeof sizesAt>} Sizes */

export const rowGap = 6; // between rows that have room, in pixels at scale 1

/** Sizes at a scale of texts, in pixels. @param {number} scale */
export function sizesAt(scale) {
  const s = scale;
  return { font: Math.round(12 * s), label: 17 * s, cell: 20 * s, square: 13 * s, gap: 3 * s, pair: 19 * s, station: 21 * s, link: 7 * s, bar: 7 * s };
}

/** @param {CanvasRenderingContext2D} c its font is set @param {Row} row @param {number} scale @param {Shape} shape it took until now; its widths are made to do */
export function widthOfRow(c, row, scale, shape) {
  const z = sizesAt(scale);
  const label = say(row.label);
  const labelWidth = label ? widthOf(c, label) : 0;
  const texts = row.cells.map((cell) => widthOf(c, cellText(cell)));
  const sample = row.sample ? widthOf(c, say(row.sample)) : 0;
  const widest = Math.max(sample, ...texts);
  if (row.form === "gauge") return labelWidth + 12 * scale + Math.max(widest, widthOf(c, gaugeText(row.cells[0])));
  if (row.form === "table") {
    shape.cell = Math.max(shape.cell, ...texts.filter((_, i) => i % 2 === 0));
    shape.value = Math.max(shape.value, sample, ...texts.filter((_, i) => i % 2 === 1));
    return Math.max(labelWidth, shape.cell + shape.value + 30 * scale);
  }
  if (row.form === "stations") return Math.max(labelWidth, widest + 20 * scale);
  shape.cell = Math.max(shape.cell, widest > 0 ? widest + 10 * scale : z.square);
  return Math.max(labelWidth, Math.min(150 * scale, cellsOf(row) * (shape.cell + z.gap)));
}

/** @param {Row} row */
const cellsOf = (row) => Math.max(row.cells.length, row.room ?? 0);

/** @param {Row} row @param {number} scale @param {number} w of the inside of the card @param {number} cell */
export function heightOfRow(row, scale, w, cell) {
  const z = sizesAt(scale);
  const label = say(row.label) ? z.label : 0;
  const n = cellsOf(row);
  switch (row.form) {
    case "gauge": return z.label + (row.cells[0]?.[5] === 0 ? 0 : z.bar);
    case "table": return label + Math.ceil(n / 2) * z.pair;
    case "stations": return label + n * z.station + Math.max(0, n - 1) * z.link;
  }
  const perLine = Math.max(1, Math.floor((w + z.gap) / (cell + z.gap)));
  const lines = Math.max(1, Math.ceil((n + (row.more ? 1 : 0)) / perLine));
  return label + lines * (lineHeight(row, z) + z.gap) - z.gap;
}

/** The height of one line, the least in which a row says something, and of each further one. @param {Row} row @param {Sizes} z @returns {[first: number, next: number]} */
function linesOf(row, z) {
  switch (row.form) {
    case "gauge": return [z.label, z.bar];
    case "table": return [z.pair, z.pair];
    case "stations": return [z.station, z.link + z.station];
  }
  return [lineHeight(row, z), lineHeight(row, z) + z.gap];
}

/**
 * Shares the height of a card among its rows, in their order: first a line for
 * each, then the labels, then the lines that are left. A row that does not go
 * in is left out, whose height is 0.
 * @param {Row[]} rows @param {Shape[]} shapes @param {number} scale @param {number} room
 * @returns {{heights: number[], gap: number}}
 */
export function shareHeight(rows, shapes, scale, room) {
  const z = sizesAt(scale);
  const tight = scale; // between rows, at least
  let left = room + tight;
  const heights = rows.map((row, i) => {
    const least = Math.min(linesOf(row, z)[0], shapes[i].h);
    if (least + tight > left + 0.5) return 0;
    left -= least + tight;
    return least;
  });
  rows.forEach((row, i) => {
    const label = row.form !== "gauge" && say(row.label) ? z.label : 0;
    if (heights[i] === 0 || label > Math.min(left, shapes[i].h - heights[i])) return;
    heights[i] += label;
    left -= label;
  });
  rows.forEach((row, i) => {
    if (heights[i] === 0) return;
    const [next, wanted] = [linesOf(row, z)[1], shapes[i].h - heights[i]];
    const more = wanted <= left ? wanted : next * Math.floor(left / next);
    heights[i] += more;
    left -= more;
  });
  const shown = heights.filter((h) => h > 0).length;
  return { heights, gap: Math.min(rowGap * scale, tight + Math.max(0, left) / Math.max(1, shown - 1)) };
}

/**
 * @param {CanvasRenderingContext2D} c its font is set @param {Theme} theme @param {Row} row @param {Shape} shape
 * @param {number} x @param {number} y @param {number} w @param {number} h
 */
export function drawRow(c, theme, row, shape, x, y, w, h) {
  const z = sizesAt(theme.scale);
  const label = say(row.label);
  if (row.form === "gauge") return drawGauge(c, theme, z, label, row.cells[0], x, y, w, h);
  c.textBaseline = "middle";
  if (label && h + 0.5 >= z.label + linesOf(row, z)[0]) {
    c.textAlign = "left";
    c.fillStyle = theme.muted;
    c.fillText(fit(c, label, w), x, y + z.label / 2 - 1);
    y += z.label;
    h -= z.label;
  }
  if (row.form === "table") drawTable(c, theme, z, row, shape, x, y, w, h);
  else if (row.form === "stations") drawStations(c, theme, z, row, x, y, w, h);
  else if (row.form === "tail") drawTail(c, theme, z, row, Math.min(shape.cell, w), x, y, w, h);
  else drawStrip(c, theme, z, row, Math.min(shape.cell, w), x, y, w, h);
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {number} x @param {number} y @param {number} w @param {number} h */
function drawStations(c, theme, z, row, x, y, w, h) {
  const room = Math.floor((h + z.link + 0.5) / (z.station + z.link));
  const [first, end] = seen(row.cells.length, room, row.cells.findIndex((cell) => cell[3] === LIT));
  const hidden = row.cells.length - (end - first) + (row.more ?? 0);
  for (let i = first; i < end; i++) {
    const width = i + 1 === end && hidden > 0 ? w - moreWidth(c, hidden) : w;
    drawCell(c, theme, row.cells[i], x, y, width, z.station);
    if (width < w) more(c, theme, hidden, x + width, y + z.station / 2);
    y += z.station;
    if (i + 1 < end) arrows(c, theme, x + w / 2, y, z.link);
    y += z.link;
  }
}

/** Which of n lines are seen, the lit one among them. @param {number} n @param {number} room for so many, at least for one @param {number} lit -1 for none @returns {[first: number, end: number]} */
function seen(n, room, lit) {
  const count = Math.min(n, Math.max(1, room));
  const first = Math.max(0, Math.min(lit - (count >> 1), n - count));
  return [first, first + count];
}

/** What passes between two stations goes both ways. @param {CanvasRenderingContext2D} c @param {Theme} theme @param {number} x @param {number} y @param {number} h */
function arrows(c, theme, x, y, h) {
  c.fillStyle = theme.muted;
  const half = 3;
  for (const [at, up] of /** @type {[number, boolean][]} */ ([[x - 5, false], [x + 5, true]])) {
    c.fillRect(at - 0.5, y, 1, h);
    const [tip, foot] = up ? [y, y + half] : [y + h, y + h - half];
    c.beginPath();
    c.moveTo(at - half, foot);
    c.lineTo(at + half, foot);
    c.lineTo(at, tip);
    c.fill();
  }
}

/**
 * What a table's keys get: as much as they ever took, so that nothing moves; or,
 * where this and the values' have no room, what today's texts need; or else the
 * shorter side its own, and the longer the rest.
 * @param {CanvasRenderingContext2D} c @param {Row} row @param {Shape} shape @param {number} scale @param {number} w
 */
function keyWidth(c, row, shape, scale, w) {
  let [key, value] = [shape.cell, shape.value].map((width) => width + 14 * scale);
  if (key + value <= w) return key;
  const texts = row.cells.map((cell) => widthOf(c, cellText(cell)) + 14 * scale);
  key = Math.max(0, ...texts.filter((_, i) => i % 2 === 0));
  value = Math.max(0, ...texts.filter((_, i) => i % 2 === 1));
  if (key + value <= w) return key;
  return value <= w / 2 ? w - value : Math.min(key, w / 2);
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {Row} row @param {Shape} shape @param {number} x @param {number} y @param {number} w @param {number} h */
function drawTable(c, theme, z, row, shape, x, y, w, h) {
  const pairs = Math.ceil(row.cells.length / 2);
  const lit = row.cells.findIndex((cell, i) => i % 2 === 0 && cell[3] === LIT) >> 1;
  const [first, end] = seen(pairs, Math.floor((h + 0.5) / z.pair), lit);
  const hidden = pairs - (end - first) + Math.ceil((row.more ?? 0) / 2);
  if (end - first === 1 && hidden > 0) w -= moreWidth(c, hidden);
  const key = keyWidth(c, row, shape, theme.scale, w);
  for (let i = first; i < end; i++) {
    if (i + 1 === end && end - first > 1 && hidden > 0) w -= moreWidth(c, hidden);
    const [k, v] = [row.cells[2 * i], row.cells[2 * i + 1]];
    const look = k[3] === LIT ? 0 : k[3];
    drawCell(c, theme, [k[0], k[1], k[2], look, k[4], k[5]], x, y, key, z.pair - 1, "left");
    if (v) drawCell(c, theme, [v[0], v[1], v[2] || k[2], look || v[3], v[4], v[5]], x + key - 1, y, w - key + 1, z.pair - 1, "left");
    if (k[3] === LIT) {
      c.strokeStyle = theme.ink; // around the pair
      c.lineWidth = 2.5;
      c.strokeRect(x, y, w, z.pair - 1);
    }
    y += z.pair;
  }
  if (hidden > 0) more(c, theme, hidden, pairs > 0 ? x + w : x, y - (pairs > 0 ? z.pair / 2 : -z.pair / 2));
}

/** @param {Cell | undefined} cell */
function gaugeText(cell) {
  return cell ? cellText(cell) || (cell[5] > 0 ? `${cell[4]} / ${cell[5]}` : `${cell[4]}`) : "";
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sizes} z @param {string} label @param {Cell | undefined} cell @param {number} x @param {number} y @param {number} w @param {number} h */
function drawGauge(c, theme, z, label, cell, x, y, w, h) {
  c.textBaseline = "middle";
  c.textAlign = "right";
  c.fillStyle = theme.ink;
  const marked = cell && cell[5] === 0 && (cell[2] || cell[3]);
  const border = marked ? 10 : 0;
  // The beginning of the label is seen in any case.
  const value = fit(c, gaugeText(cell), w - Math.min(widthOf(c, label), cell?.[5] ? 0.3 * w : 0.35 * w) - 6 - border);
  const valueWidth = widthOf(c, value) + border;
  if (marked) drawCell(c, theme, cell, x + w - valueWidth, y, valueWidth, z.label - 1);
  else c.fillText(value, x + w, y + z.label / 2 - 1);
  c.textAlign = "left";
  c.fillStyle = theme.muted;
  c.fillText(fit(c, label, w - valueWidth - 8), x, y + z.label / 2 - 1);
  if (!cell || cell[5] <= 0 || h + 0.5 < z.label + z.bar) return;
  const bar = /** @type {Cell} */ (["", "", cell[2] || "done", cell[3], cell[4], cell[5]]);
  drawCell(c, theme, bar, x, y + z.label, w, z.bar);
  c.fillStyle = theme.color(bar[2]);
  if (bar[3] !== HATCHED) c.fillRect(x, y + z.label, w * fillOf(bar), z.bar);
}

const looks = {
  [LIT]: { en: "now", zh: "当前" },
  [HATCHED]: { en: "waiting", zh: "等待中" },
  [CROSSED]: { en: "out", zh: "失效" },
  [FADED]: { en: "idle", zh: "空闲" },
};

/** A row in words, for those who do not see it. @param {Row} row */
export function describeRow(row) {
  const label = say(row.label);
  /** @type {string[]} */
  const parts = [];
  if (row.form === "gauge") parts.push(gaugeText(row.cells[0]));
  for (let i = 0; row.form !== "gauge" && i < row.cells.length; i++) {
    const cell = row.cells[i];
    const look = say(looks[/** @type {keyof typeof looks} */ (cell[3])]);
    let text = cellText(cell);
    if (row.form === "table") text += ` = ${cellText(row.cells[++i] ?? ["", "", "", 0, 0, 0])}`;
    if (text || look) parts.push(text && look ? `${text} (${look})` : text || look);
  }
  if (row.more) parts[row.form === "tail" ? "unshift" : "push"](`+${row.more}`);
  return label ? `${label}: ${parts.join(", ")}` : parts.join(", ");
}
