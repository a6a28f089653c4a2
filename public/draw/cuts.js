// Cuts: between two nodes that cannot reach each other runs a broken line with
// a bar across its middle. If only one direction is cut, an arrow runs into the bar.
// A partition cuts hundreds of pairs; then each node has one short stub with a
// bar, pointing to where its messages no longer get, and a chosen node its lines.

import { rimOf, traceWay, wayLength, wayOf, wayX, wayY } from "./ways.js";

/** @typedef {import("./stage.js").View} View */

const maxLines = 40; // pairs drawn as lines
const bar = 8; // half of a bar's length, in pixels

/** @param {CanvasRenderingContext2D} c @param {View} view */
export function drawCuts(c, view) {
  const count = view.picture.cut_from.length;
  if (count === 0) return;
  c.strokeStyle = view.theme.color("warn");
  c.lineWidth = 1.5;
  if (count <= maxLines) drawLines(c, view, -1);
  else if (!view.plan.grid) drawStubs(c, view);
}

/** The lines that drawCuts left out, of one node. @param {CanvasRenderingContext2D} c @param {View} view @param {number} node */
export function drawCutsOf(c, view, node) {
  if (view.picture.cut_from.length <= maxLines) return;
  c.strokeStyle = view.theme.color("warn");
  c.lineWidth = 1;
  drawLines(c, view, node);
}

/** @param {CanvasRenderingContext2D} c @param {View} view @param {number} only the node concerned; -1: all */
function drawLines(c, { picture, plan }, only) {
  const { cut_from: from, cut_to: to } = picture;
  const nodes = plan.x.length;
  const pairs = new Set();
  for (let i = 0; i < from.length; i++) pairs.add(from[i] * nodes + to[i]);
  for (let i = 0; i < from.length; i++) {
    const [a, b] = [from[i], to[i]];
    if (a >= nodes || b >= nodes || (only >= 0 && a !== only && b !== only)) continue;
    const both = pairs.has(b * nodes + a);
    if (both && a > b) continue;
    const way = wayOf(plan, a, b);
    if (!plan.cards) way.bx = way.by = 0;
    drawLine(c, way, plan.r + 3, both);
  }
}

/**
 * @param {CanvasRenderingContext2D} c @param {import("./ways.js").Way} way
 * @param {number} rim where the line starts and ends @param {boolean} both directions
 */
function drawLine(c, way, rim, both) {
  const length = wayLength(way);
  if (length < 2 * rim) return;
  const [mx, my] = [wayX(way, 0.5), wayY(way, 0.5)];
  const [dx, dy] = [wayX(way, 0.51) - wayX(way, 0.49), wayY(way, 0.51) - wayY(way, 0.49)];
  const [ux, uy] = [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)];
  const stop = both ? rim : length / 2 + 2;
  c.setLineDash([5, 4]);
  c.beginPath();
  traceWay(c, way, rim / length, 1 - stop / length);
  c.stroke();
  c.setLineDash([]);
  c.beginPath();
  c.moveTo(mx - uy * bar, my + ux * bar);
  c.lineTo(mx + uy * bar, my - ux * bar);
  if (!both) {
    c.moveTo(mx - ux * 10 - uy * 5, my - uy * 10 + ux * 5);
    c.lineTo(mx - ux * 3, my - uy * 3);
    c.lineTo(mx - ux * 10 + uy * 5, my - uy * 10 - ux * 5);
  }
  c.stroke();
}

/** @param {CanvasRenderingContext2D} c @param {View} view */
function drawStubs(c, { picture, plan }) {
  const { cut_from: from, cut_to: to } = picture;
  const { x, y } = plan;
  /** @type {Map<number, {x: number, y: number, n: number}>} by sender: the middle of those it cannot reach */
  const aims = new Map();
  for (let i = 0; i < from.length; i++) {
    const aim = aims.get(from[i]) ?? { x: 0, y: 0, n: 0 };
    aim.x += x[to[i]];
    aim.y += y[to[i]];
    aim.n++;
    aims.set(from[i], aim);
  }
  const half = plan.cards ? bar : Math.min(bar, plan.r * 0.7);
  const reach = plan.cards ? bar : Math.max(6, plan.r * 0.8);
  c.beginPath();
  for (const [node, aim] of aims) {
    const [dx, dy] = [aim.x / aim.n - x[node], aim.y / aim.n - y[node]];
    const length = Math.hypot(dx, dy) || 1;
    const [ux, uy] = [dx / length, dy / length];
    const rim = rimOf(plan, node, ux, uy) + 2;
    const [sx, sy] = [x[node] + ux * rim, y[node] + uy * rim];
    const [ex, ey] = [sx + ux * reach, sy + uy * reach];
    c.moveTo(sx, sy);
    c.lineTo(ex, ey);
    c.moveTo(ex - uy * half, ey + ux * half);
    c.lineTo(ex + uy * half, ey - ux * half);
  }
  c.stroke();
}
