// What the visitor's own hand adds to the picture: selection, focus, the pair
// being linked, the followed packet, the magnifier and the tooltip.

import { drawCutsOf } from "./cuts.js";
import { placeOf } from "./flights.js";
import { STATE_MASK } from "./frames.js";
import { describeFlight, describeNode } from "./names.js";
import { packetSide } from "./packets.js";
import { drawNode } from "./shapes.js";
import { textOn } from "./theme.js";
import { traceWay, wayLength, wayOf } from "./ways.js";

/** @typedef {import("./stage.js").View} View */

const lensSpacing = 28; // between nodes under the magnifier, in pixels
export const lensBelow = 11; // with nodes closer than this the magnifier opens

/** @param {CanvasRenderingContext2D} c @param {View} view */
export function drawOverlay(c, view) {
  const { selection, theme, plan, picture, hand, scene } = view;
  const { node, second, packet } = selection;
  if (node >= 0 && second >= 0) {
    drawPair(c, view, node, second);
  }
  if (node >= 0) {
    drawNeighbours(c, view, node);
    drawCutsOf(c, view, node);
  }
  if (node >= 0) halo(c, view, node, 2.5 * theme.scale, theme.accent, []);
  if (second >= 0) halo(c, view, second, 2 * theme.scale, theme.accent, [4, 3]);
  if (hand.focus >= 0 && hand.focus !== node) halo(c, view, hand.focus, 1.5 * theme.scale, theme.ink, []);
  if (packet > 0) {
    const i = picture.id.indexOf(packet);
    if (i >= 0) frameFlight(c, view, i, theme.accent, 2.5);
  }
  const shown = hand.node >= 0 ? hand.node : hand.flight < 0 ? hand.focus : -1;
  if (plan.spacing < lensBelow) {
    if (hand.inside) drawLens(c, view, hand.x, hand.y, hand.node);
    else if (hand.focus >= 0) drawLens(c, view, plan.x[hand.focus], plan.y[hand.focus], hand.focus);
  }
  if (hand.flight >= 0 && hand.flight < picture.from.length) {
    frameFlight(c, view, hand.flight, theme.ink, 1.5);
    const { x, y } = placeOf(picture, plan, hand.flight);
    tooltip(c, view, describeFlight(scene, picture, hand.flight), x, y, 14);
  } else if (shown >= 0 && !plan.cards) {
    const lens = plan.spacing < lensBelow;
    tooltip(c, view, describeNode(scene, picture, shown), plan.x[shown], plan.y[shown], lens ? lensRadius(view) + 6 : plan.r + 8);
  }
}

/** The link being put together, rim to rim. @param {CanvasRenderingContext2D} c @param {View} view @param {number} a @param {number} b */
function drawPair(c, { plan, theme }, a, b) {
  const way = wayOf(plan, a, b);
  if (!plan.cards) way.bx = way.by = 0;
  const rim = Math.min(0.5, (plan.r + 6) / Math.max(1, wayLength(way)));
  c.setLineDash([6, 4]);
  c.strokeStyle = theme.accent;
  c.lineWidth = 2;
  c.beginPath();
  traceWay(c, way, rim, 1 - rim);
  c.stroke();
  c.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} c @param {View} view @param {number} i @param {string} color @param {number} width */
function frameFlight(c, view, i, color, width) {
  const { x, y } = placeOf(view.picture, view.plan, i);
  const side = packetSide(view.scene.nodes, view.picture.from.length, view.theme.scale) + 6;
  c.strokeStyle = color;
  c.lineWidth = width;
  c.strokeRect(x - side / 2, y - side / 2, side, side);
}

/**
 * A ring around a node, with a gap, so that it covers nothing of the node's own shape.
 * @param {CanvasRenderingContext2D} c @param {View} view @param {number} node
 * @param {number} width @param {string} color @param {number[]} dash
 */
function halo(c, { plan }, node, width, color, dash) {
  c.setLineDash(dash);
  c.strokeStyle = color;
  c.lineWidth = width;
  c.beginPath();
  if (plan.cards) {
    const off = 1 + width;
    const [w, h] = [plan.cards.w[node] + 2 * off, plan.cards.h[node] + 2 * off];
    c.rect(plan.x[node] - w / 2, plan.y[node] - h / 2, w, h);
  } else {
    c.arc(plan.x[node], plan.y[node], Math.max(plan.r, 3) + 2 + width, 0, 2 * Math.PI);
  }
  c.stroke();
  c.setLineDash([]);
}

/** Those with a lasting link to the chosen node. @param {CanvasRenderingContext2D} c @param {View} view @param {number} node */
function drawNeighbours(c, view, node) {
  const { scene, plan, theme } = view;
  c.strokeStyle = theme.accent;
  c.lineWidth = 1.25;
  for (let i = 0; i < scene.edge_from.length; i++) {
    const [a, b] = [scene.edge_from[i], scene.edge_to[i]];
    if (a !== node && b !== node) continue;
    c.beginPath();
    c.moveTo(plan.x[a], plan.y[a]);
    c.lineTo(plan.x[b], plan.y[b]);
    c.stroke();
    halo(c, view, a === node ? b : a, 1, theme.accent, []);
  }
}

/** @param {View} view */
function lensRadius(view) {
  return Math.min(92 * view.theme.scale, 0.3 * Math.min(view.w, view.h));
}

/**
 * The magnifier: the nodes around a point as large as if they were few, and
 * the packets among them.
 * @param {CanvasRenderingContext2D} c @param {View} view @param {number} x @param {number} y @param {number} chosen
 */
function drawLens(c, view, x, y, chosen) {
  const { plan, theme, scene, picture: p, selection } = view;
  const grid = plan.grid;
  if (!grid) return;
  const radius = lensRadius(view);
  const zoom = lensSpacing / plan.spacing;
  c.save();
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fillStyle = theme.paper;
  c.fill();
  c.clip();
  const reach = radius / zoom / plan.spacing + 1;
  const column = ((x - plan.x[0]) / plan.spacing);
  const row = ((y - plan.y[0]) / plan.spacing);
  for (let r = Math.max(0, Math.floor(row - reach)); r <= Math.min(grid.rows - 1, row + reach); r++) {
    for (let k = Math.max(0, Math.floor(column - reach)); k <= Math.min(grid.columns - 1, column + reach); k++) {
      const i = r * grid.columns + k;
      if (i >= scene.nodes) break;
      const bits = p.states[i];
      const [nx, ny] = [x + (plan.x[i] - x) * zoom, y + (plan.y[i] - y) * zoom];
      drawNode(c, theme, scene.states[bits & STATE_MASK], bits, nx, ny, lensSpacing * 0.34);
      if (i === chosen || i === selection.node) {
        c.strokeStyle = i === selection.node ? theme.accent : theme.ink;
        c.lineWidth = 2;
        c.beginPath();
        c.arc(nx, ny, lensSpacing * 0.34 + 3, 0, 2 * Math.PI);
        c.stroke();
      }
    }
  }
  const side = 12;
  for (let i = 0; i < p.from.length; i++) {
    const at = placeOf(p, plan, i);
    const [px, py] = [x + (at.x - x) * zoom, y + (at.y - y) * zoom];
    if (Math.abs(px - x) > radius + side || Math.abs(py - y) > radius + side) continue;
    c.fillStyle = theme.color(scene.kinds[p.kind[i]]?.color ?? "data");
    c.fillRect(px - side / 2, py - side / 2, side, side);
  }
  c.restore();
  c.strokeStyle = theme.ink;
  c.lineWidth = 1.5;
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.stroke();
}

/**
 * @param {CanvasRenderingContext2D} c @param {View} view @param {string} text
 * @param {number} x @param {number} y the point it speaks of @param {number} away how far off it stands
 */
function tooltip(c, view, text, x, y, away) {
  const { theme, w } = view;
  const size = Math.round(13 * theme.scale);
  c.font = `${size}px ${theme.font}`;
  const width = c.measureText(text).width + 16;
  const height = size + 12;
  const left = Math.max(4, Math.min(w - width - 4, x - width / 2));
  const top = y - away - height < 4 ? y + away : y - away - height;
  c.fillStyle = theme.ink;
  c.fillRect(left, top, width, height);
  c.fillStyle = theme.ink.startsWith("#") ? textOn(theme.ink) : theme.paper;
  c.textAlign = "left";
  c.textBaseline = "middle";
  c.fillText(text, left + 8, top + height / 2 + 0.5);
}
