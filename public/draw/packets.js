// Packets in flight: squares, so that they are never taken for nodes. Large
// with their kind's letter when there are few, smaller the more there are,
// down to plain pixels painted colour by colour.

import { placeOf, progress } from "./flights.js";
import { textOn } from "./theme.js";
import { traceWay, wayLength, wayOf, wayX, wayY } from "./ways.js";

/** @typedef {import("./stage.js").View} View */

const letterSide = 16; // from this side on a packet carries its letter at a legible size
const tailPackets = 150; // with more, the way behind a packet is left out

/**
 * The side of a packet's square.
 * @param {number} nodes @param {number} count of packets @param {number} scale
 */
export function packetSide(nodes, count, scale) {
  const company = Math.min(1, (60 / nodes) ** 0.6) * Math.min(1, (60 / Math.max(1, count)) ** 0.35);
  return Math.max(2.5, 18 * scale * company);
}

/** @param {CanvasRenderingContext2D} c @param {View} view */
export function drawPackets(c, view) {
  const { picture: p, scene, theme } = view;
  const side = packetSide(scene.nodes, p.from.length, theme.scale);
  if (p.from.length <= tailPackets) drawTails(c, view);
  drawDeaths(c, view, Math.min(5 * theme.scale, Math.max(scene.nodes > 500 ? 2 : 3, side * 0.4)));
  if (side > 6) {
    c.fillStyle = theme.paper; // a rim that parts a packet from what it flies over
    drawSquares(c, view, -1, side + 2);
  }
  for (let kind = 0; kind < Math.max(1, scene.kinds.length); kind++) {
    c.fillStyle = theme.color(scene.kinds[kind]?.color ?? "data");
    drawSquares(c, view, kind, side);
  }
  if (side > 6) hollowCopies(c, view, side);
  if (side >= letterSide) drawLetters(c, view, side);
}

/** @param {CanvasRenderingContext2D} c @param {View} view @param {number} kind -1: all @param {number} side */
function drawSquares(c, { picture: p, plan }, kind, side) {
  const half = side / 2;
  for (let i = 0; i < p.from.length; i++) {
    if (kind >= 0 && p.kind[i] !== kind) continue;
    const at = placeOf(p, plan, i);
    c.fillRect(at.x - half, at.y - half, side, side);
  }
}

/**
 * A copy, which the network made of a packet that was sent once, is hollow.
 * @param {CanvasRenderingContext2D} c @param {View} view @param {number} side
 */
function hollowCopies(c, { picture: p, plan, theme }, side) {
  const inner = side - 4;
  c.fillStyle = theme.paper;
  for (let i = 0; i < p.from.length; i++) {
    if (!p.copy[i]) continue;
    const at = placeOf(p, plan, i);
    c.fillRect(at.x - inner / 2, at.y - inner / 2, inner, inner);
  }
}

/** The way each packet has come. @param {CanvasRenderingContext2D} c @param {View} view */
function drawTails(c, { picture: p, plan, scene, theme }) {
  c.lineWidth = 1.25;
  c.globalAlpha = 0.5;
  for (let kind = 0; kind < Math.max(1, scene.kinds.length); kind++) {
    c.strokeStyle = theme.color(scene.kinds[kind]?.color ?? "data");
    c.beginPath();
    for (let i = 0; i < p.from.length; i++) {
      if (p.kind[i] !== kind) continue;
      const way = wayOf(plan, p.from[i], p.to[i]);
      traceWay(c, way, Math.min(0.5, (plan.r + 2) / wayLength(way)), progress(p, i));
    }
    c.stroke();
  }
  c.globalAlpha = 1;
}

/** An x where a packet was lost. @param {CanvasRenderingContext2D} c @param {View} view @param {number} arm */
function drawDeaths(c, { picture: p, plan, scene, theme, deaths, still }, arm) {
  c.lineWidth = arm * 0.35;
  for (const d of deaths.list) {
    c.globalAlpha = still ? 1 : 1 - (p.now - d.due) / Math.max(1, d.due - d.sent);
    c.strokeStyle = theme.color(scene.kinds[d.kind]?.color ?? "data");
    const way = wayOf(plan, d.from, d.to);
    const [mx, my] = [wayX(way, 0.5), wayY(way, 0.5)];
    c.beginPath();
    c.moveTo(mx - arm, my - arm);
    c.lineTo(mx + arm, my + arm);
    c.moveTo(mx + arm, my - arm);
    c.lineTo(mx - arm, my + arm);
    c.stroke();
  }
  c.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} c @param {View} view @param {number} side */
function drawLetters(c, { picture: p, plan, scene, theme }, side) {
  c.font = `600 ${Math.max(12, Math.round(side * 0.72))}px ${theme.font}`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  for (let i = 0; i < p.from.length; i++) {
    const kind = scene.kinds[p.kind[i]];
    if (!kind) continue;
    const at = placeOf(p, plan, i);
    c.fillStyle = p.copy[i] ? theme.ink : textOn(theme.color(kind.color));
    c.fillText(kind.mark, at.x, at.y + side * 0.06);
  }
}
