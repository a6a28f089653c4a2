// Ways: where a packet between two nodes flies. Between dots it goes from
// middle to middle, bent a little to the left of its direction, so that packets
// of opposite directions pass each other without meeting. Between cards it
// goes from edge to edge, bent so that it passes beside the others, or, where
// no bend does, through the gutters between them.

import { gutterWay } from "./gutters.js";

/** @typedef {import("./layout.js").Plan} Plan */
/**
 * @typedef {object} Way
 * @property {number} x0 @property {number} y0 where it begins
 * @property {number} x1 @property {number} y1 where it ends
 * @property {number} bx @property {number} by how far its middle is off the straight line
 * @property {Float32Array | null} xs @property {Float32Array | null} ys places at equal distances along it, if it goes through gutters
 * @property {number} length of such a way
 */

const bend = 0.07; // relative to the way's length
const bends = [bend, 0.2, 0.36, -0.13, -0.28]; // tried in this order where cards are in the way; no two are opposite
const sampled = 12; // pixels between the places at which a way is looked at

/** Reused between dots: millions are asked for each second. @type {Way} */
const shared = straight(0, 0, 0, 0);

/**
 * The way from node a to node b; valid until the next is asked for.
 * @param {Plan} plan @param {number} a @param {number} b
 * @returns {Way}
 */
export function wayOf(plan, a, b) {
  if (plan.cards) return (plan.cards.ways[a * plan.x.length + b] ??= cardWay(plan, a, b));
  shared.x0 = plan.x[a];
  shared.y0 = plan.y[a];
  shared.x1 = plan.x[b];
  shared.y1 = plan.y[b];
  bendBy(shared, bend);
  return shared;
}

/** @param {Way} way @param {number} part of its length */
function bendBy(way, part) {
  way.bx = (way.y1 - way.y0) * part;
  way.by = (way.x0 - way.x1) * part;
}

/** The x of the point that lies a part t along a way. @param {Way} way @param {number} t */
export function wayX(way, t) {
  if (way.xs) return between(way.xs, t);
  return way.x0 + (way.x1 - way.x0) * t + way.bx * 4 * t * (1 - t);
}

/** The y of that point. @param {Way} way @param {number} t */
export function wayY(way, t) {
  if (way.ys) return between(way.ys, t);
  return way.y0 + (way.y1 - way.y0) * t + way.by * 4 * t * (1 - t);
}

/** @param {Float32Array} places @param {number} t */
function between(places, t) {
  const at = t * (places.length - 1);
  const i = Math.min(places.length - 2, Math.floor(at));
  return places[i] + (places[i + 1] - places[i]) * (at - i);
}

/** @param {Way} way */
export function wayLength(way) {
  return way.xs ? way.length : Math.hypot(way.x1 - way.x0, way.y1 - way.y0);
}

/**
 * Adds a piece of a way to a path.
 * @param {CanvasRenderingContext2D} c @param {Way} way
 * @param {number} t0 where it starts @param {number} t1 where it ends
 */
export function traceWay(c, way, t0, t1) {
  if (t1 <= t0) return;
  if (way.xs) {
    const last = way.xs.length - 1;
    c.moveTo(wayX(way, t0), wayY(way, t0));
    for (let i = Math.floor(t0 * last) + 1; i < t1 * last; i++) c.lineTo(wayX(way, i / last), wayY(way, i / last));
    c.lineTo(wayX(way, t1), wayY(way, t1));
    return;
  }
  // The way is a parabola: the control point of its piece follows from the
  // tangent at the piece's start.
  const half = (t1 - t0) / 2;
  const slope = 4 * (1 - 2 * t0);
  const [sx, sy] = [wayX(way, t0), wayY(way, t0)];
  c.moveTo(sx, sy);
  c.quadraticCurveTo(
    sx + half * (way.x1 - way.x0 + way.bx * slope),
    sy + half * (way.y1 - way.y0 + way.by * slope),
    wayX(way, t1),
    wayY(way, t1),
  );
}

/**
 * How far a node reaches from its middle in a direction.
 * @param {Plan} plan @param {number} node @param {number} ux @param {number} uy of length 1
 */
export function rimOf(plan, node, ux, uy) {
  if (!plan.cards) return plan.r;
  const { w, h } = plan.cards;
  return Math.min(w[node] / 2 / Math.abs(ux), h[node] / 2 / Math.abs(uy));
}

/** @param {Plan} plan @param {number} a @param {number} b @returns {Way} */
function cardWay(plan, a, b) {
  /** @type {Way | null} */
  let best = null;
  let least = Infinity;
  /** @param {Way} way */
  const consider = (way) => {
    const met = obstacles(plan, way, a, b);
    if (met >= least) return;
    least = met;
    best = { ...way };
  };
  const way = edgeToEdge(plan, a, b);
  for (const part of way ? bends : []) {
    bendBy(/** @type {Way} */ (way), part);
    consider(/** @type {Way} */ (way));
    if (least === 0) break;
  }
  if (least > 0) consider(arcBeside(plan, a, b));
  const around = least > 0 ? gutterWay(plan, a, b) : null;
  return around ?? /** @type {Way} */ (/** @type {unknown} */ (best));
}

/** A straight way from card to card, null when they are too close for one. @param {Plan} plan @param {number} a @param {number} b @returns {Way | null} */
function edgeToEdge(plan, a, b) {
  const { x, y } = plan;
  const { w, h, lines } = /** @type {import("./cardplan.js").Cards} */ (plan.cards);
  const [dx, dy] = [x[b] - x[a], y[b] - y[a]];
  const roomX = Math.abs(dx) - (w[a] + w[b]) / 2;
  const roomY = Math.abs(dy) - (h[a] + h[b]) / 2;
  const least = 24;
  // From band to band if there is room, else along the band.
  if (roomX >= least && !(lines.tall && roomY >= least)) {
    const s = Math.sign(dx);
    const [x0, x1] = [x[a] + (s * w[a]) / 2, x[b] - (s * w[b]) / 2];
    return straight(x0, port(y[a], h[a], (dy * w[a]) / 2 / Math.abs(dx)), x1, port(y[b], h[b], (-dy * w[b]) / 2 / Math.abs(dx)));
  }
  if (roomY >= least) {
    const s = Math.sign(dy);
    const [y0, y1] = [y[a] + (s * h[a]) / 2, y[b] - (s * h[b]) / 2];
    return straight(port(x[a], w[a], (dx * h[a]) / 2 / Math.abs(dy)), y0, port(x[b], w[b], (-dx * h[b]) / 2 / Math.abs(dy)), y1);
  }
  return null;
}

/**
 * A way around what stands between two cards of one line: out of the sides
 * that look to the stage's middle, and back in.
 * @param {Plan} plan @param {number} a @param {number} b @returns {Way}
 */
function arcBeside(plan, a, b) {
  const { x, y } = plan;
  const { w, h } = /** @type {import("./cardplan.js").Cards} */ (plan.cards);
  const [dx, dy] = [x[b] - x[a], y[b] - y[a]];
  const way = straight(x[a], y[a], x[b], y[b]);
  const middle = (/** @type {Float32Array} */ of) => of.reduce((sum, v) => sum + v, 0) / of.length;
  const parted = a < b ? 0.12 : -0.12; // the two directions
  const bulge = a < b ? 52 : 32;
  if (Math.abs(dy) >= Math.abs(dx)) {
    const s = x[a] <= middle(x) ? 1 : -1;
    way.x0 += (s * w[a]) / 2;
    way.x1 += (s * w[b]) / 2;
    way.y0 += parted * h[a];
    way.y1 += parted * h[b];
    way.bx = s * bulge;
  } else {
    const s = y[a] <= middle(y) ? 1 : -1;
    way.y0 += (s * h[a]) / 2;
    way.y1 += (s * h[b]) / 2;
    way.x0 += parted * w[a];
    way.x1 += parted * w[b];
    way.by = s * bulge;
  }
  return way;
}

/** @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @returns {Way} */
function straight(x0, y0, x1, y1) {
  return { x0, y0, x1, y1, bx: 0, by: 0, xs: null, ys: null, length: 0 };
}

/** A place on an edge, clear of its corners. @param {number} middle @param {number} size @param {number} off */
function port(middle, size, off) {
  const most = Math.max(0, size / 2 - 12);
  return middle + Math.max(-most, Math.min(most, off));
}

/** How much of a way lies over cards, or off the stage. @param {Plan} plan @param {Way} way @param {number} a @param {number} b */
function obstacles(plan, way, a, b) {
  const { x, y } = plan;
  const cards = /** @type {import("./cardplan.js").Cards} */ (plan.cards);
  const margin = 8;
  const samples = Math.ceil((wayLength(way) + Math.hypot(way.bx, way.by)) / sampled);
  let met = 0;
  for (let s = 1; s <= samples; s++) {
    const [px, py] = [wayX(way, s / (samples + 1)), wayY(way, s / (samples + 1))];
    if (px < margin || py < margin || px > cards.stageW - margin || py > cards.stageH - margin) met += 2;
    for (let i = 0; i < x.length; i++) {
      const off = i === a || i === b ? -1 : margin;
      if (Math.abs(px - x[i]) < cards.w[i] / 2 + off && Math.abs(py - y[i]) < cards.h[i] / 2 + off) met++;
    }
  }
  return met;
}
