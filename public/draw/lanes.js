// What the sequence view draws: lanes with the nodes' names, the scale of time,
// what the nodes did, and where each packet's line runs.

import { hatch } from "./cells.js";
import { roleOf } from "./names.js";
import { widthOf } from "./texts.js";
import { textOn } from "./theme.js";

/** @typedef {import("./sequence.js").Sequence} Sequence */
/** @typedef {import("./theme.js").Theme} Theme */
/**
 * Where the diagram stands: lanes from left to right, time from top to bottom.
 * @typedef {object} Box
 * @property {number} top @property {number} bottom
 * @property {number} left of the first lane @property {number} step from lane to lane
 * @property {number} right end of the paper
 * @property {number} from @property {number} to instants in microseconds
 */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Line */

// Values of Sequence.fate, span_doing and mark_kind: wasm/api/sequence.go.
export const FLYING = 0;
export const LOST = 2;
export const REFUSED = 3;
export const DOOMED = 4;
const maxNotes = 120; // with more they would be a line
const [WAIT, DOWN, HELD] = [2, 3, 4];
const [CRASH, START] = [1, 2];

/** @param {Box} box @param {number} node */
const laneX = (box, node) => box.left + node * box.step;

/** @param {Box} box @param {number} at */
const timeY = (box, at) => box.top + ((at - box.from) / Math.max(1, box.to - box.from)) * (box.bottom - box.top);

/** The line of packet i, as far as it has come. @param {Sequence} q @param {number} i @param {Box} box @returns {Line} */
export function lineOf(q, i, box) {
  const end = Math.min(q.end[i], box.to);
  const flown = q.fate[i] === FLYING || q.fate[i] === DOOMED ? (end - q.sent[i]) / Math.max(1, q.end[i] - q.sent[i]) : 1;
  const way = q.fate[i] === LOST || q.fate[i] === DOOMED ? flown / 2 : flown;
  const [a, b] = [laneX(box, q.sender[i]), laneX(box, q.receiver[i])];
  return { x0: a, y0: timeY(box, q.sent[i]), x1: a + (b - a) * way, y1: timeY(box, end) };
}

const oneInstant = 10; // microseconds: lines closer than this cannot be told apart
const row = 24; // of a packet shown by its order, in pixels at scale 1

/**
 * The packets of a stretch in which everything falls on one instant, as if one
 * began after the other had ended, in units of rows; null if time tells them
 * apart. What the nodes did meanwhile took no time and has no place.
 * @param {Sequence} q @returns {Sequence | null}
 */
export function inOrder(q) {
  const first = Math.min(...q.sent);
  if (q.id.length < 2 || Math.max(...q.end, ...q.sent) - first > oneInstant) return null;
  const none = new Float64Array(0);
  return {
    ...q, sent: q.id.map((_, i) => i + 0.25), end: q.id.map((_, i) => i + 0.75),
    span_node: new Uint32Array(0), span_from: none, span_to: none, mark_node: new Uint32Array(0), mark_at: none,
  };
}

/** The stretch of rows for which there is room, the last ones. @param {number} rows @param {number} height @param {number} scale */
export function rowsShown(rows, height, scale) {
  const room = Math.max(2, Math.floor(height / (row * scale)));
  const from = Math.max(0, rows - room);
  return { from, to: from + room };
}

/** The packet whose line is nearest to a point, 0 when none is within reach. @param {Sequence} q @param {Box} box @param {number} x @param {number} y @param {number} reach */
export function nearestPassage(q, box, x, y, reach) {
  let [best, least] = [0, reach];
  for (let i = 0; i < q.id.length; i++) {
    const { x0, y0, x1, y1 } = lineOf(q, i, box);
    const [dx, dy] = [x1 - x0, y1 - y0];
    const t = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    const d = Math.hypot(x0 + dx * t - x, y0 + dy * t - y);
    if (d < least) [best, least] = [q.id[i], d];
  }
  return best;
}

/** @param {CanvasRenderingContext2D} c its font is set @param {Theme} theme @param {import("./frames.js").Scene} scene @param {Box} box */
export function drawLanes(c, theme, scene, box) {
  c.strokeStyle = theme.edge;
  c.lineWidth = 1;
  c.beginPath();
  for (let i = 0; i < scene.nodes; i++) {
    const x = Math.round(laneX(box, i)) + 0.5;
    c.moveTo(x, Math.max(box.top, timeY(box, 0)));
    c.lineTo(x, box.bottom);
  }
  c.stroke();
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillStyle = theme.ink;
  const names = laneNames(c, scene, box.step);
  for (let i = 0; i < scene.nodes; i++) {
    if (!names[i]) continue;
    const half = widthOf(c, names[i]) / 2;
    c.fillText(names[i], Math.min(laneX(box, i), box.right - half), box.top / 2);
  }
}

/** The lanes' names as long as there is room: whole, a letter and a number, every few. @param {CanvasRenderingContext2D} c @param {import("./frames.js").Scene} scene @param {number} step */
export function laneNames(c, scene, step) {
  /** @param {(role: string, member: number) => string} name */
  const all = (name) => Array.from({ length: scene.nodes }, (_, i) => name(roleOf(scene, i).name, i - roleOf(scene, i).first));
  const several = scene.roles.length > 1;
  for (const names of [all((role, member) => `${role}/${member}`), all((role, member) => (several ? role[0] : "") + member)]) {
    const widest = Math.max(...names.map((name) => widthOf(c, name))) + 6;
    if (widest <= step) return names;
    const every = Math.ceil(widest / step);
    if (names[0].length < 4) return names.map((name, i) => (i % every === 0 ? name : ""));
  }
  return [];
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Box} box @param {number} unit microseconds from tick to tick */
export function drawTime(c, theme, box, unit) {
  c.textAlign = "right";
  c.fillStyle = theme.muted;
  c.strokeStyle = theme.line;
  c.lineWidth = 1;
  c.beginPath();
  for (let at = Math.ceil(Math.max(0, box.from) / unit) * unit; at <= box.to; at += unit) {
    const y = Math.round(timeY(box, at)) + 0.5;
    c.moveTo(box.left - box.step / 2, y);
    c.lineTo(box.right, y);
    c.fillText(timeText(at, unit), box.left - box.step / 2 - 6, y);
  }
  c.stroke();
}

/** An instant, as exact as its neighbours need. @param {number} at @param {number} unit in microseconds */
export function timeText(at, unit) {
  if (unit >= 10_000) return `${(at / 1e6).toFixed(unit >= 1e6 ? 0 : unit >= 100_000 ? 1 : 2)} s`;
  if (unit >= 10) return `${+(at / 1000).toFixed(unit >= 1000 ? 0 : unit >= 100 ? 1 : 2)} ms`;
  return `${at} µs`;
}

/** What the nodes did: a bar for work, a hatched one for waiting, none where a node is down. @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sequence} q @param {Box} box */
export function drawDoings(c, theme, q, box) {
  const half = Math.min(6 * theme.scale, box.step * 0.3);
  for (let i = 0; i < q.span_node.length; i++) {
    const x = laneX(box, q.span_node[i]);
    // What lasted until the data came lasts until now, as far as is known.
    const to = q.span_to[i] >= q.now ? box.to : q.span_to[i];
    const [y, h] = [timeY(box, q.span_from[i]), timeY(box, to) - timeY(box, q.span_from[i])];
    const what = q.span_doing[i];
    c.fillStyle = theme.paper;
    c.fillRect(x - half, y, 2 * half, h);
    if (what === DOWN || what === HELD) {
      c.strokeStyle = what === DOWN ? theme.edge : theme.muted;
      c.lineWidth = 1;
      c.setLineDash(what === DOWN ? [1, 5] : [4, 3]);
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(x, y + h);
      c.stroke();
      c.setLineDash([]);
      continue;
    }
    const color = what === WAIT ? theme.muted : theme.color("active");
    if (what === WAIT) hatch(c, color, x - half, y, 2 * half, h);
    else {
      c.globalAlpha = 0.35;
      c.fillStyle = color;
      c.fillRect(x - half, y, 2 * half, h);
      c.globalAlpha = 1;
    }
    c.strokeStyle = color;
    c.lineWidth = 1;
    c.strokeRect(x - half, y, 2 * half, h);
  }
}

/** @param {CanvasRenderingContext2D} c @param {Theme} theme @param {Sequence} q @param {Box} box */
export function drawMarks(c, theme, q, box) {
  const arm = 5 * theme.scale;
  const crowded = q.mark_node.length > maxNotes;
  for (let i = 0; i < q.mark_node.length; i++) {
    const [x, y, kind] = [laneX(box, q.mark_node[i]), timeY(box, q.mark_at[i]), q.mark_kind[i]];
    if (crowded && kind !== CRASH && kind !== START) continue;
    c.strokeStyle = c.fillStyle = theme.ink;
    c.lineWidth = 2;
    c.beginPath();
    if (kind === CRASH) cross(c, x, y, arm);
    else if (kind === START) c.arc(x, y, arm * 0.8, 0, 2 * Math.PI);
    else c.rect(x - 1.5, y - 1.5, 3, 3);
    if (kind === CRASH || kind === START) c.stroke();
    else c.fill();
  }
}

/** @param {CanvasRenderingContext2D} c @param {number} x @param {number} y @param {number} arm */
function cross(c, x, y, arm) {
  c.moveTo(x - arm, y - arm);
  c.lineTo(x + arm, y + arm);
  c.moveTo(x + arm, y - arm);
  c.lineTo(x - arm, y + arm);
}

/** How a packet's line ends: an arrowhead where it arrived, a cross where it died. @param {CanvasRenderingContext2D} c @param {number} fate @param {string} color @param {Line} line @param {number} size */
export function drawEnd(c, fate, color, line, size) {
  if (fate === FLYING || fate === DOOMED) return;
  c.strokeStyle = c.fillStyle = color;
  c.lineWidth = 2;
  c.beginPath();
  if (fate === LOST || fate === REFUSED) {
    cross(c, line.x1, line.y1, size);
    c.stroke();
    return;
  }
  const length = Math.hypot(line.x1 - line.x0, line.y1 - line.y0) || 1;
  const [ux, uy] = [(line.x1 - line.x0) / length, (line.y1 - line.y0) / length];
  c.moveTo(line.x1, line.y1);
  c.lineTo(line.x1 - ux * 2 * size - uy * size, line.y1 - uy * 2 * size + ux * size);
  c.lineTo(line.x1 - ux * 2 * size + uy * size, line.y1 - uy * 2 * size - ux * size);
  c.fill();
}

/** A packet's square with its kind's letter, hollow for a copy, as on the stage. @param {CanvasRenderingContext2D} c @param {Theme} theme @param {string} mark @param {string} color @param {boolean} copy @param {number} x @param {number} y @param {number} side */
export function drawSquare(c, theme, mark, color, copy, x, y, side) {
  c.fillStyle = color;
  c.fillRect(x - side / 2, y - side / 2, side, side);
  if (copy) {
    c.fillStyle = theme.paper;
    c.fillRect(x - side / 2 + 1.5, y - side / 2 + 1.5, side - 3, side - 3);
  }
  c.fillStyle = copy ? theme.ink : textOn(color);
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(mark, x, y + 0.5);
}
