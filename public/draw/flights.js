// Where a packet is. Its way bends a little to the left of its direction, so
// that packets of opposite directions pass each other without meeting.

const bend = 0.07; // how far the middle of the way leaves the straight line, relative to its length

/** @typedef {import("./frames.js").Picture} Picture */
/** @typedef {import("./layout.js").Plan} Plan */

/**
 * How much of its way packet i has behind it: 0 to 1, exact in virtual time.
 * A packet that will be lost dies at half its way.
 * @param {Picture} p @param {number} i
 */
export function progress(p, i) {
  const whole = p.due[i] - p.sent[i];
  const part = whole > 0 ? Math.min(1, Math.max(0, (p.now - p.sent[i]) / whole)) : 1;
  return p.lost[i] ? part / 2 : part;
}

/**
 * The x of the point that lies a part t along the way between two points.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} t
 */
export function wayX(x0, y0, x1, y1, t) {
  return x0 + (x1 - x0) * t + (y1 - y0) * 4 * bend * t * (1 - t);
}

/**
 * The y of that point.
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} t
 */
export function wayY(x0, y0, x1, y1, t) {
  return y0 + (y1 - y0) * t - (x1 - x0) * 4 * bend * t * (1 - t);
}

/**
 * Adds the part of the way already travelled to a path, from the sender's rim.
 * @param {CanvasRenderingContext2D} c
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 * @param {number} t0 where it starts @param {number} t1 where it ends
 */
export function traceWay(c, x0, y0, x1, y1, t0, t1) {
  if (t1 <= t0) return;
  // The way is a parabola: the control point of its piece follows from the
  // tangent at the piece's start.
  const sx = wayX(x0, y0, x1, y1, t0);
  const sy = wayY(x0, y0, x1, y1, t0);
  const half = (t1 - t0) / 2;
  const slope = 4 * bend * (1 - 2 * t0);
  c.moveTo(sx, sy);
  c.quadraticCurveTo(
    sx + half * (x1 - x0 + (y1 - y0) * slope),
    sy + half * (y1 - y0 - (x1 - x0) * slope),
    wayX(x0, y0, x1, y1, t1),
    wayY(x0, y0, x1, y1, t1),
  );
}

/**
 * The index of the packet nearest to a point, or -1 when none is within reach.
 * @param {Picture} p @param {Plan} plan @param {number} x @param {number} y @param {number} reach in pixels
 */
export function nearestFlight(p, plan, x, y, reach) {
  let best = -1;
  let nearest = reach * reach;
  for (let i = 0; i < p.from.length; i++) {
    const [a, b] = [p.from[i], p.to[i]];
    const t = progress(p, i);
    const dx = wayX(plan.x[a], plan.y[a], plan.x[b], plan.y[b], t) - x;
    const dy = wayY(plan.x[a], plan.y[a], plan.x[b], plan.y[b], t) - y;
    const d = dx * dx + dy * dy;
    if (d < nearest) {
      nearest = d;
      best = i;
    }
  }
  return best;
}

/**
 * The packets that died a moment ago. A death is an instant, too short to be
 * seen, so its x stays as long, in virtual time, as the packet had flown.
 */
export class Deaths {
  constructor() {
    /** @type {{from: number, to: number, sent: number, due: number, kind: number}[]} */
    this.list = [];
  }

  /**
   * Notes who died between two pictures of one run.
   * @param {Picture | null} before @param {Picture} now
   */
  update(before, now) {
    this.list = this.list.filter((d) => d.due <= now.now && now.now < 2 * d.due - d.sent);
    if (!before || now.now < before.now) return;
    for (let i = 0; i < before.lost.length && this.list.length < 400; i++) {
      if (!before.lost[i] || before.due[i] > now.now || before.due[i] <= before.now) continue;
      if (now.now >= 2 * before.due[i] - before.sent[i]) continue;
      this.list.push({ from: before.from[i], to: before.to[i], sent: before.sent[i], due: before.due[i], kind: before.kind[i] });
    }
  }
}
