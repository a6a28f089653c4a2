// Where the nodes stand. One family of arrangements that grows smoothly: an
// ellipse, then ellipses inside it, then a grid that fills the stage down to a
// pixel a node. Trees and columns are in trees.js.

import { columnsPlan, treePlan } from "./trees.js";
import { minWholeCell, nodeRadius } from "./sizes.js";

/**
 * Positions in CSS pixels.
 * @typedef {object} Plan
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {number} r radius of a node
 * @property {number} spacing between neighbours
 * @property {Float32Array | null} lx direction in which a node's label stands; null: no labels
 * @property {Float32Array | null} ly
 * @property {{text: string, x: number, y: number}[]} captions
 * @property {Grid | null} grid set when the nodes fill a grid of pixels
 * @property {import("./cardplan.js").Cards | null} cards set when the nodes are cards; r is 0 then
 */
/**
 * A grid's cells, in device pixels.
 * @typedef {object} Grid
 * @property {number} cell side of a cell; below 1 there are several nodes to a pixel
 * @property {number} columns
 * @property {number} rows
 * @property {number} left
 * @property {number} top
 */

export const maxRingNodes = 1500;
const maxTreeNodes = 400;

/**
 * Arranges the nodes in the part of the canvas that its host leaves free.
 * @param {import("./frames.js").Scene} scene
 * @param {{left: number, top: number, w: number, h: number}} free in CSS pixels
 * @param {number} dpr device pixels in a CSS pixel
 * @param {import("./theme.js").Theme} theme
 * @param {import("./cards.js").Cards} cards
 * @returns {Plan}
 */
export function arrangeIn(scene, free, dpr, theme, cards) {
  const plan = cards.arrange(scene, theme, free.w, free.h) ?? arrange(scene, free.w, free.h, dpr, theme.scale);
  if (plan.grid) {
    // Whole device pixels, or the tiles would fall between them.
    free.left = Math.round(free.left * dpr) / dpr;
    free.top = Math.round(free.top * dpr) / dpr;
    plan.grid.left += free.left * dpr;
    plan.grid.top += free.top * dpr;
  }
  if (free.left !== 0 || free.top !== 0) {
    for (let i = 0; i < scene.nodes; i++) {
      plan.x[i] += free.left;
      plan.y[i] += free.top;
    }
  }
  for (const caption of plan.captions) {
    caption.x += free.left;
    caption.y += free.top;
  }
  return plan;
}

/**
 * @param {import("./frames.js").Scene} scene
 * @param {number} w @param {number} h in CSS pixels
 * @param {number} dpr @param {number} scale
 * @returns {Plan}
 */
export function arrange(scene, w, h, dpr, scale) {
  const n = scene.nodes;
  if (n <= maxTreeNodes) {
    if (scene.layout === "tree" && scene.edge_from.length > 0) return treePlan(scene, w, h, scale);
    if (scene.layout === "columns" && scene.roles.length > 1) return columnsPlan(scene, w, h, scale);
  }
  return (n <= maxRingNodes && ringsPlan(n, w, h, scale)) || gridPlan(n, w, h, dpr);
}

/**
 * Nodes in order around as few ellipses as give each of them room; null when
 * even a full stage of ellipses would not.
 * @param {number} n @param {number} w @param {number} h @param {number} scale
 * @returns {Plan | null}
 */
function ringsPlan(n, w, h, scale) {
  const room = 13; // pixels between neighbours, at least
  const gap = 1.75 * room; // between one ellipse and the next
  // A single ellipse has its names around it; several have none and need no margin for them.
  let padX = Math.min(60 * scale + 2 * nodeRadius(n, 1000, scale), w * 0.13);
  let padY = Math.max(26 * scale + nodeRadius(n, 1000, scale), Math.min(52 * scale, h * 0.13));
  const labelled = h > 4 * padY && perimeter(w / 2 - padX, h / 2 - padY) >= n * room;
  if (!labelled) padX = padY = Math.min(28, 0.08 * Math.min(w, h));
  const a = Math.max(10, w / 2 - padX);
  const b = Math.max(10, h / 2 - padY);
  /** @type {number[]} */
  const perimeters = [];
  let total = 0;
  while (total < n * room) {
    const inset = perimeters.length * gap;
    if (Math.min(a, b) - inset < gap) return null;
    perimeters.push(perimeter(a - inset, b - inset));
    total += perimeters[perimeters.length - 1];
  }
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  const lx = new Float32Array(n);
  const ly = new Float32Array(n);
  let first = 0;
  let reached = 0;
  for (let ring = 0; ring < perimeters.length; ring++) {
    reached += perimeters[ring];
    const end = Math.round((n * reached) / total);
    const inset = ring * gap;
    aroundEllipse(first, end, a - inset, b - inset, w / 2, h / 2, x, y, lx, ly);
    first = end;
  }
  const spacing = n > 1 ? total / n : 1000;
  return {
    x, y, spacing, r: nodeRadius(n, spacing, scale),
    lx: labelled ? lx : null, ly: labelled ? ly : null, captions: [], grid: null, cards: null,
  };
}

/** Ramanujan's approximation. @param {number} a @param {number} b */
function perimeter(a, b) {
  return Math.PI * (3 * (a + b) - Math.sqrt((3 * a + b) * (a + 3 * b)));
}

/**
 * Places nodes [first, end) at equal distances along an ellipse, clockwise from its top.
 * @param {number} first @param {number} end @param {number} a @param {number} b @param {number} cx @param {number} cy
 * @param {Float32Array} x @param {Float32Array} y @param {Float32Array} lx @param {Float32Array} ly
 */
function aroundEllipse(first, end, a, b, cx, cy, x, y, lx, ly) {
  const steps = 1440;
  const lengths = new Float64Array(steps + 1);
  for (let i = 1; i <= steps; i++) {
    const u = (2 * Math.PI * (i - 0.5)) / steps;
    lengths[i] = lengths[i - 1] + Math.hypot(a * Math.cos(u), b * Math.sin(u));
  }
  let step = 0;
  for (let i = first; i < end; i++) {
    const want = (lengths[steps] * (i - first)) / (end - first);
    while (step < steps - 1 && lengths[step + 1] < want) step++;
    const part = (want - lengths[step]) / (lengths[step + 1] - lengths[step]);
    const u = (2 * Math.PI * (step + part)) / steps;
    const [sin, cos] = [Math.sin(u), Math.cos(u)];
    x[i] = cx + a * sin;
    y[i] = cy - b * cos;
    const normal = Math.hypot(b * sin, a * cos);
    lx[i] = (b * sin) / normal;
    ly[i] = (-a * cos) / normal;
  }
}

/**
 * Nodes row by row in square cells: of whole device pixels where a cell has a
 * shape, otherwise of whatever fills the stage.
 * @param {number} n @param {number} w @param {number} h @param {number} dpr
 * @returns {Plan}
 */
export function gridPlan(n, w, h, dpr) {
  const pad = Math.min(24, w * 0.04) * dpr;
  const W = Math.max(8, w * dpr - 2 * pad);
  const H = Math.max(8, h * dpr - 2 * pad);
  let cell = Math.sqrt((W * H) / n);
  while (Math.floor(W / cell) * Math.floor(H / cell) < n) cell *= 0.999;
  if (cell >= minWholeCell) cell = Math.floor(cell);
  // Of the layouts with this cell, the one that leaves the same margin all around.
  let columns = Math.max(1, Math.min(Math.floor(W / cell), Math.round(Math.sqrt((n * W) / H))));
  if (Math.ceil(n / columns) * cell > H) columns = Math.floor(W / cell);
  const rows = Math.ceil(n / columns);
  const left = Math.round((w * dpr - columns * cell) / 2);
  const top = Math.round((h * dpr - rows * cell) / 2);
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  for (let first = 0, row = 0.5; first < n; first += columns, row++) {
    const end = Math.min(first + columns, n);
    const level = (top + row * cell) / dpr;
    for (let i = first, column = 0.5; i < end; i++, column++) x[i] = (left + column * cell) / dpr;
    y.fill(level, first, end);
  }
  const spacing = cell / dpr;
  return { x, y, r: 0.4 * spacing, spacing, lx: null, ly: null, captions: [], cards: null, grid: { cell, columns, rows, left, top } };
}
