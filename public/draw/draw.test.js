import assert from "node:assert/strict";
import test from "node:test";
import { eventful, flow, niceStep } from "../chart.js";
import { Deaths, nearestFlight, placeOf, progress } from "./flights.js";
import { neighbourInDirection, nodeAt } from "./hands.js";
import { arrange } from "./layout.js";
import { packetSide } from "./packets.js";
import { wayOf, wayX, wayY } from "./ways.js";

/** @typedef {import("./frames.js").Picture} Picture */

/** @param {number} nodes @param {string} [layout] @returns {import("./frames.js").Scene} */
function scene(nodes, layout = "ring") {
  const edges = layout === "tree" ? nodes - 1 : 0;
  return {
    frame: "scene", nodes, layout, states: [], kinds: [],
    roles: layout === "columns" ? [{ name: "a", first: 0, count: 3 }, { name: "b", first: 3, count: nodes - 3 }] : [{ name: "a", first: 0, count: nodes }],
    edge_from: Uint32Array.from({ length: edges }, (_, i) => i >> 1),
    edge_to: Uint32Array.from({ length: edges }, (_, i) => i + 1),
  };
}

/** @param {number} now @param {Partial<Picture>} [columns] @returns {Picture} */
function picture(now, columns) {
  return {
    frame: "picture", now, states: new Uint8Array(8), hidden: 0, cuts_hidden: 0,
    id: Float64Array.of(1, 2), from: Uint32Array.of(0, 4), to: Uint32Array.of(4, 0),
    sent: Float64Array.of(1000, 1000), due: Float64Array.of(2000, 2000), kind: Uint8Array.of(0, 0), lost: Uint8Array.of(0, 0), copy: Uint8Array.of(0, 0),
    cut_from: new Uint32Array(0), cut_to: new Uint32Array(0), ...columns,
  };
}

const sizes = /** @type {[number, number][]} */ ([[1280, 720], [390, 420], [700, 200], [40, 40]]);

test("nodes stand on the stage and apart from each other, at every size", () => {
  for (const layout of ["ring", "tree", "columns"]) {
    for (const n of [5, 8, 40, 61, 200, 401, 1000, 1501, 10_000, 100_000, 1_000_000]) {
      for (const [w, h] of sizes) {
        const plan = arrange(scene(n, layout), w, h, 1, 1);
        const places = new Set();
        for (let i = 0; i < n; i++) {
          assert.ok(plan.x[i] >= 0 && plan.x[i] <= w && plan.y[i] >= 0 && plan.y[i] <= h, `${layout} ${n} ${w}x${h}: node ${i}`);
          if (w >= 390 && n <= 10_000) places.add(`${plan.x[i].toFixed(1)},${plan.y[i].toFixed(1)}`);
        }
        if (w >= 390 && n <= 10_000) assert.equal(places.size, n, `${layout} ${n} ${w}x${h}`);
      }
    }
  }
});

test("nodes shrink and packets shrink as they grow many, without a jump", () => {
  for (let n = 4; n < 1400; n++) {
    const [a, b] = [arrange(scene(n), 1280, 720, 1, 1), arrange(scene(n + 1), 1280, 720, 1, 1)];
    assert.ok(Math.abs(a.r - b.r) < 2, `radius at ${n}: ${a.r} to ${b.r}`);
    assert.ok(packetSide(n, n, 1) >= packetSide(n + 1, n + 1, 1));
  }
});

test("a packet is where virtual time says", () => {
  assert.equal(progress(picture(1000), 0), 0);
  assert.equal(progress(picture(1250), 0), 0.25);
  assert.equal(progress(picture(2000), 0), 1);
  assert.equal(progress(picture(2000, { lost: Uint8Array.of(1, 0) }), 0), 0.5);
  assert.equal(progress(picture(5, { due: Float64Array.of(1000, 1000) }), 0), 1);
  // On its way it is exactly as far along the straight line, whatever the bend.
  const plan = { ...arrange(scene(2), 800, 600, 1, 1), x: Float32Array.of(0, 100), y: Float32Array.of(20, 20) };
  assert.ok(Math.abs(wayX(wayOf(plan, 0, 1), 0.3) - 30) < 1e-9);
  assert.deepEqual([wayX(wayOf(plan, 0, 1), 0), wayY(wayOf(plan, 0, 1), 0)], [0, 20]);
  assert.deepEqual([wayX(wayOf(plan, 0, 1), 1), wayY(wayOf(plan, 0, 1), 1)], [100, 20]);
});

test("opposite packets do not meet", () => {
  const plan = { ...arrange(scene(2), 800, 600, 1, 1), x: Float32Array.of(0, 100), y: Float32Array.of(0, 0) };
  const there = wayY(wayOf(plan, 0, 1), 0.5);
  assert.ok(Math.abs(there - wayY(wayOf(plan, 1, 0), 0.5)) > 10);
});

test("the nearest packet within reach is found", () => {
  const plan = arrange(scene(8), 800, 600, 1, 1);
  const p = picture(1500);
  const { x, y } = { ...placeOf(p, plan, 0) };
  assert.equal(nearestFlight(p, plan, x + 3, y, 9), 0);
  assert.equal(nearestFlight(p, plan, x + 300, y, 9), -1);
});

test("a death is noted when its time passes, and fades with virtual time, not with ours", () => {
  const deaths = new Deaths();
  const lost = Uint8Array.of(1, 0);
  const none = { id: new Float64Array(0), from: new Uint32Array(0), to: new Uint32Array(0), sent: new Float64Array(0), due: new Float64Array(0), kind: new Uint8Array(0), lost: new Uint8Array(0), copy: new Uint8Array(0) };
  deaths.update(null, picture(1900, { lost }));
  assert.equal(deaths.list.length, 0);
  deaths.update(picture(1900, { lost }), picture(2100, none));
  assert.equal(deaths.list.length, 1);
  deaths.update(picture(2100, none), picture(2900, none));
  assert.equal(deaths.list.length, 1);
  deaths.update(picture(2900, none), picture(3001, none));
  assert.equal(deaths.list.length, 0);
  deaths.update(picture(1900, { lost }), picture(2100, none));
  deaths.update(picture(2100, none), picture(1500, none)); // scrubbed back
  assert.equal(deaths.list.length, 0);
});

test("every node can be reached with the arrow keys", () => {
  for (const [n, layout] of /** @type {[number, string][]} */ ([[8, "ring"], [40, "ring"], [200, "ring"], [31, "tree"], [12, "columns"], [2000, "ring"]])) {
    const plan = arrange(scene(n, layout), 1280, 720, 1, 1);
    const seen = new Set([0]);
    const queue = [0];
    for (const node of queue) {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        const next = neighbourInDirection(plan, node, dx, dy);
        if (next < 0 || seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    assert.equal(seen.size, n, `${layout} of ${n}`);
  }
});

test("pointing at a node finds it, in a ring and in a grid", () => {
  for (const n of [8, 200, 2000, 1_000_000]) {
    for (const dpr of [1, 2]) {
      const plan = arrange(scene(n), 1280, 720, dpr, 1);
      for (const i of [0, 1, n >> 1, n - 1]) assert.equal(nodeAt(plan, dpr, plan.x[i], plan.y[i], 4), i, `${i} of ${n}`);
    }
  }
});

test("a chart's names flow into lines, axes step by 1, 2, 5", () => {
  assert.deepEqual(flow([40, 30, 50, 200, 10], 10, 100), [{ x: 10, row: 0 }, { x: 50, row: 0 }, { x: 10, row: 1 }, { x: 10, row: 2 }, { x: 10, row: 3 }]);
  assert.deepEqual([0.3, 1, 1.2, 4, 7, 0].map(niceStep), [0.5, 1, 2, 5, 10, 1]);
});

test("a chart shows what was measured and leaves out the flat end of what is expected", () => {
  const x = Float64Array.from({ length: 100 }, (_, i) => i);
  /** @param {boolean} theory @param {(i: number) => number} y */
  const curve = (theory, y) => ({ id: "", label: { en: "", zh: "" }, color: "idle", theory, y: Float64Array.from(x, y) });
  /** @param {import("./frames.js").Curve[]} curves */
  const shown = (curves) => eventful({ frame: "series", x_unit: "us", x_micros: 1, x, curves, y_max: 10 });
  assert.equal(shown([curve(true, (i) => Math.min(10, i)), curve(false, (i) => (i < 5 ? i : NaN))]), 12);
  assert.equal(shown([curve(true, (i) => Math.min(10, i)), curve(false, (i) => (i < 50 ? 1 : NaN))]), 56);
  assert.equal(shown([curve(false, () => 1)]), 100);
  assert.equal(shown([]), 2);
});
