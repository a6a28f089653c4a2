import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { encodeCommand } from "./commands.js";
import { decode, decodeBulk, frameName } from "./frames.js";

// Written by the engine's own code: wasm/api/frames_test.go.
const [scene, picture, series, sequence, cards, status] = readFileSync(new URL("../../wasm/api/testdata/frames.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => Uint8Array.from(Buffer.from(line, "hex")));

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

test("a scene", () => {
  const s = /** @type {import("./frames.js").Scene} */ (decodeBulk(scene));
  assert.equal(frameName(scene), "scene");
  assert.equal(s.nodes, 3);
  assert.equal(s.roles[0].name, "gossiper");
  assert.equal(s.states[0].label.zh, "尚未听说");
  assert.deepEqual([...s.edge_to], [1, 2]);
});

test("a picture's columns are views of the message", () => {
  const p = /** @type {import("./frames.js").Picture} */ (decodeBulk(picture));
  assert.equal(p.now, 1.5e6);
  assert.deepEqual([...p.states], [0, 1, 0x82]);
  assert.deepEqual([...p.id], [7, 2 ** 40]);
  assert.deepEqual([...p.to], [1, 70000]);
  assert.deepEqual([...p.due], [2e6, 1.75e6]);
  assert.equal(p.hidden, 300);
  for (const column of [p.states, p.id, p.from, p.to, p.sent, p.due, p.kind, p.lost, p.copy, p.cut_from]) {
    assert.equal(column.buffer, picture.buffer);
  }
});

test("columns out of alignment are copied", () => {
  const moved = new Uint8Array(picture.length + 1).subarray(1);
  moved.set(picture);
  assert.deepEqual(decode(moved), decode(picture));
});

test("a series with a gap", () => {
  const s = /** @type {import("./frames.js").Series} */ (decodeBulk(series));
  assert.equal(s.x_unit, "cycles");
  assert.equal(s.curves[0].theory, true);
  assert.ok(Number.isNaN(s.curves[0].y[1]));
});

test("a sequence's columns are views too", () => {
  const q = /** @type {import("./sequence.js").Sequence} */ (decodeBulk(sequence));
  assert.deepEqual([...q.end], [1.5e6, 2.5e6, 3.5e6]);
  assert.deepEqual([q.span_to[0], q.mark_at[0]], [2e6, 2e6]);
  for (const column of [q.id, q.sent, q.span_from, q.mark_kind]) assert.equal(column.buffer, sequence.buffer);
});

test("cards: a cell is an array, Chinese is left out where it is the same", () => {
  const frame = /** @type {import("./cards.js").CardsFrame} */ (decodeBulk(cards));
  assert.equal(frame.cards[0].rows[0].label.zh, "线程");
  assert.deepEqual(frame.cards[0].rows[0].cells, [["busy", "忙", "active", 2, -1, 2 ** 40], ["", "", "", 0, 0, 0]]);
  assert.equal(frame.cards[0].rows[0].more, 83);
});

test("a status: 64-bit integers, negative floats, null lists", () => {
  const s = decode(status);
  assert.equal(s.now, 5e9);
  assert.equal(s.events, 2 ** 52);
  assert.equal(s.speed, 0.001);
  assert.equal(s.metrics[0].value, -0.5);
  assert.equal(s.script, null);
});

test("every shortened message is refused with an Error", () => {
  for (const message of [scene, picture, series, sequence, cards, status]) {
    for (let n = 0; n < message.length; n++) {
      assert.throws(() => decode(message.subarray(0, n)), /^Error: frame: /);
    }
  }
});

test("hostile input is refused with a reason", () => {
  const cases = /** @type {[string, RegExp][]} */ ([
    ["0000", /goes on after its end/],
    ["9bffffffffffffffff", /more bytes/], // an array of 2^64-1 items
    ["bb7fffffffffffffff", /more bytes/],
    ["5b7fffffffffffffff", /more bytes/],
    ["81".repeat(40) + "00", /nested deeper/],
    ["d9d9f7".repeat(40) + "00", /nested deeper/],
    ["d84643000000", /expected a multiple of 4/],
    ["d85601", /must stand before bytes/],
    ["61ff", /not UTF-8/],
    ["5f", /length code 31/],
    ["f97e00", /simple value 25/],
    ["a1f600", /key must be text or a number/],
  ]);
  for (const [hex, want] of cases) assert.throws(() => decode(bytes(hex)), want, hex);
  assert.throws(() => decodeBulk(encodeCommand({ frame: "status" })), /expected scene, picture, cards/);
  assert.throws(() => decodeBulk(encodeCommand({ frame: "picture" })), /column id/);
  assert.throws(() => frameName(encodeCommand({ verb: "play" })), /as the first key/);
});

test("random damage never does worse than an Error", () => {
  let x = 12345;
  const next = () => (x = (Math.imul(x, 1103515245) + 12345) >>> 0) >>> 8;
  for (let i = 0; i < 5000; i++) {
    const damaged = picture.slice();
    for (let k = 0; k < 3; k++) damaged[next() % damaged.length] = next();
    try {
      decodeBulk(damaged);
    } catch (e) {
      assert.ok(e instanceof Error && !(e instanceof RangeError), String(e));
    }
  }
});

test("commands read back as written", () => {
  const command = { verb: "seek", at: 5_000_000_000, play: true, speed: 0.25, node: -1, note: "停" };
  assert.deepEqual({ ...decode(encodeCommand(command)) }, command);
});
