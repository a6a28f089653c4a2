// Packets in flight: how far each has come, where it is, and which have died.

import { wayOf, wayX, wayY } from "./ways.js";

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

/** Reused by placeOf. */
const place = { x: 0, y: 0 };

/**
 * Where packet i is; valid until the next is asked for.
 * @param {Picture} p @param {Plan} plan @param {number} i
 */
export function placeOf(p, plan, i) {
  const way = wayOf(plan, p.from[i], p.to[i]);
  const t = progress(p, i);
  place.x = wayX(way, t);
  place.y = wayY(way, t);
  return place;
}

/**
 * The index of the packet nearest to a point, or -1 when none is within reach.
 * @param {Picture} p @param {Plan} plan @param {number} x @param {number} y @param {number} reach in pixels
 */
export function nearestFlight(p, plan, x, y, reach) {
  let best = -1;
  let nearest = reach * reach;
  for (let i = 0; i < p.from.length; i++) {
    const at = placeOf(p, plan, i);
    const d = (at.x - x) ** 2 + (at.y - y) ** 2;
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
