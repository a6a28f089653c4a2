// Gutters: where a way runs when cards stand between its two ends. It leaves
// its card for the space beside it, follows that to a gap which leads through
// to the space beside the other card, and enters there: straight pieces between
// cards and never over one. The corners are round, and a packet keeps its
// speed in them: places are shares of the whole length.

/** @typedef {import("./layout.js").Plan} Plan */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {{u: number, v: number}} Spot u: from band to band, v: along a band */
/** @typedef {{middle: number, room: number}} Gutter where it runs, and how wide it is */

const parted = 5; // at most, of a direction from the middle of its gutter, so that the two pass each other
const widest = 40; // a gutter's width that counts, in pixels: beyond it the way stays near its card
const corner = 6; // its radius: a larger one would touch the cards beside the narrowest gutter
/** From other cards and from the stage's edge, tried in this order: there need not be room for a packet. */
const clearances = [[10, 9], [3, 9], [-0.5, 9], [-0.5, 0]];
const pieces = 96; // of equal length, as which a way is kept

/**
 * The shortest such way, null if there is none.
 * @param {Plan} plan @param {number} a @param {number} b
 * @returns {Way | null}
 */
export function gutterWay(plan, a, b) {
  const map = maps.get(plan) ?? mapOf(plan);
  const { u, v, su } = map;
  const sign = a < b ? 1 : -1;
  /** @param {Gutter} gutter */
  const lane = ({ middle, room }) => middle + sign * Math.min(parted, room / 4);
  /** @type {{path: Spot[], length: number}[]} */
  const found = [];
  /** @param {Spot[]} path */
  const add = (path) => found.push({ path, length: path.reduce((sum, p, i) => sum + (i > 0 ? distance(path[i - 1], p) : 0), 0) });
  for (const outside of [1, -1]) {
    for (const inside of [1, -1]) {
      const [g, h] = [lane(gutterBeside(map, a, outside)), lane(gutterBeside(map, b, inside))];
      const [from, to] = [v[a] + sign * parted, v[b] + sign * parted];
      const out = [{ u: u[a] + (outside * su[a]) / 2, v: from }, { u: g, v: from }];
      const back = [{ u: h, v: to }, { u: u[b] + (inside * su[b]) / 2, v: to }];
      if (Math.abs(g - h) < 1) add([...out, ...back]);
      else for (const gap of map.gaps) add([...out, { u: g, v: lane(gap) }, { u: h, v: lane(gap) }, ...back]);
    }
  }
  found.sort((p, q) => p.length - q.length);
  /** @type {Spot[] | undefined} */
  let best;
  for (const [clear, edge] of clearances) best ??= found.find(({ path }) => isFree(map, path, a, b, clear, edge))?.path;
  if (!best) return null;
  const places = evenly(rounded(best));
  const [xs, ys] = map.tall ? [places.v, places.u] : [places.u, places.v];
  return { x0: xs[0], y0: ys[0], x1: xs[pieces], y1: ys[pieces], bx: 0, by: 0, xs, ys, length: places.length };
}

/**
 * The cards by u and v, with their sizes and the stage's.
 * @typedef {object} Chart
 * @property {boolean} tall u is y
 * @property {Float32Array} u @property {Float32Array} v middles of the cards
 * @property {Float32Array} su @property {Float32Array} sv sizes
 * @property {number} endU @property {number} endV of the stage
 * @property {Gutter[]} gaps where a line of cards can be passed through, by v
 */

/** @type {WeakMap<Plan, Chart>} */
const maps = new WeakMap();

/** @param {Plan} plan @returns {Chart} */
function mapOf(plan) {
  const { w, h, stageW, stageH, lines: { tall } } = /** @type {import("./cardplan.js").Cards} */ (plan.cards);
  /** @type {Chart} */
  const map = tall
    ? { tall, u: plan.y, v: plan.x, su: h, sv: w, endU: stageH, endV: stageW, gaps: [] }
    : { tall, u: plan.x, v: plan.y, su: w, sv: h, endU: stageW, endV: stageH, gaps: [] };
  const gaps = Array.from(map.u, (_, i) => [gapBeside(map, i, -1), gapBeside(map, i, 1)]).flat();
  map.gaps = [...new Map(gaps.map((gap) => [Math.round(gap.middle), gap])).values()];
  maps.set(plan, map);
  return map;
}

/** The space between a card's line and the next one. @param {Chart} map @param {number} i @param {number} side 1 or -1 @returns {Gutter} */
function gutterBeside({ u, su, endU }, i, side) {
  let room = side > 0 ? endU - u[i] - su[i] / 2 : u[i] - su[i] / 2;
  for (let j = 0; j < u.length; j++) {
    const gap = side * (u[j] - u[i]) - (su[i] + su[j]) / 2;
    if (gap > 0) room = Math.min(room, gap);
  }
  room = Math.min(room, widest);
  return { middle: u[i] + (side * (su[i] + room)) / 2, room };
}

/** The space between a card and the next one of its line. @param {Chart} map @param {number} i @param {number} side 1 or -1 @returns {Gutter} */
function gapBeside({ u, v, su, sv, endV }, i, side) {
  let room = side > 0 ? endV - v[i] - sv[i] / 2 : v[i] - sv[i] / 2;
  for (let j = 0; j < v.length; j++) {
    const gap = side * (v[j] - v[i]) - (sv[i] + sv[j]) / 2;
    if (gap > 0 && Math.abs(u[j] - u[i]) < (su[i] + su[j]) / 2) room = Math.min(room, gap);
  }
  room = Math.min(room, widest);
  return { middle: v[i] + (side * (sv[i] + room)) / 2, room };
}

/** Whether a path of pieces along u and v is clear of cards, but at its ends, and stays on the stage. @param {Chart} map @param {Spot[]} path @param {number} a @param {number} b @param {number} clear @param {number} edge */
function isFree({ u, v, su, sv, endU, endV }, path, a, b, clear, edge) {
  for (let k = 1; k < path.length; k++) {
    const [p, q] = [path[k - 1], path[k]];
    const [u0, u1] = [Math.min(p.u, q.u), Math.max(p.u, q.u)];
    const [v0, v1] = [Math.min(p.v, q.v), Math.max(p.v, q.v)];
    if (u0 < edge || v0 < edge || u1 > endU - edge || v1 > endV - edge) return false;
    for (let i = 0; i < u.length; i++) {
      const off = i === a || i === b ? -0.5 : clear;
      const [reachU, reachV] = [su[i] / 2 + off, sv[i] / 2 + off];
      if (u1 > u[i] - reachU && u0 < u[i] + reachU && v1 > v[i] - reachV && v0 < v[i] + reachV) return false;
    }
  }
  return true;
}

/** @param {Spot} p @param {Spot} q */
const distance = (p, q) => Math.hypot(q.u - p.u, q.v - p.v);

/** The path with its corners cut round. @param {Spot[]} path @returns {Spot[]} */
function rounded(path) {
  const out = [path[0]];
  for (let k = 1; k < path.length - 1; k++) {
    const [p, at, q] = [path[k - 1], path[k], path[k + 1]];
    const [before, after] = [distance(p, at), distance(at, q)];
    const r = Math.min(corner, before / 2, after / 2);
    if (r < 0.5) {
      out.push(at);
      continue;
    }
    for (let step = 0; step <= 4; step++) {
      const [s, e] = [(1 - step / 4) ** 2 * (r / before), (step / 4) ** 2 * (r / after)];
      out.push({ u: at.u + (p.u - at.u) * s + (q.u - at.u) * e, v: at.v + (p.v - at.v) * s + (q.v - at.v) * e });
    }
  }
  out.push(path[path.length - 1]);
  return out;
}

/** Places along a path at equal distances, its ends included. @param {Spot[]} path */
function evenly(path) {
  const [us, vs] = [new Float32Array(pieces + 1), new Float32Array(pieces + 1)];
  const whole = path.reduce((sum, p, i) => sum + (i > 0 ? distance(path[i - 1], p) : 0), 0);
  let [k, passed] = [1, 0];
  for (let i = 0; i <= pieces; i++) {
    const want = (whole * i) / pieces;
    while (k < path.length - 1 && passed + distance(path[k - 1], path[k]) < want) passed += distance(path[k - 1], path[k++]);
    const [p, q] = [path[k - 1], path[k]];
    const part = Math.min(1, (want - passed) / (distance(p, q) || 1));
    [us[i], vs[i]] = [p.u + (q.u - p.u) * part, p.v + (q.v - p.v) * part];
  }
  return { u: us, v: vs, length: whole };
}
