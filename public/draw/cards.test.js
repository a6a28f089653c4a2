import assert from "node:assert/strict";
import test from "node:test";
import { cardsPlan } from "./cardplan.js";
import { Cards } from "./cards.js";
import { neighbourInDirection, nodeAt } from "./hands.js";
import { inOrder, lineOf, nearestPassage, rowsShown, timeText } from "./lanes.js";
import { describeRow, drawRow, heightOfRow, shareHeight } from "./rows.js";
import { fit, useFont } from "./texts.js";
import { wayLength, wayOf, wayX, wayY } from "./ways.js";

/** @param {number[]} counts of the roles' members @returns {import("./frames.js").Scene} */
function scene(counts) {
  let first = 0;
  const roles = counts.map((count, i) => {
    first += count;
    return { name: "abcd"[i], first: first - count, count };
  });
  return { frame: "scene", nodes: first, layout: "columns", roles, states: [], kinds: [], edge_from: new Uint32Array(0), edge_to: new Uint32Array(0) };
}

const sizes = /** @type {[number, number][]} */ ([[716, 620], [390, 460], [1100, 700], [390, 250]]);
const worlds = [[1, 1], [2, 1], [3, 3], [4, 1, 5], [8, 3], [12, 2], [5], [1, 1, 1, 1]];

test("cards stand on the stage, apart from each other, alike within a role", () => {
  for (const counts of worlds) {
    for (const [w, h] of sizes) {
      const s = scene(counts);
      const plan = cardsPlan(s, counts.map((_, i) => ({ w: 150 + 10 * i, h: 180 - 40 * i })), w, h, 1, null);
      if (!plan?.cards) continue;
      const { w: cw, h: ch } = plan.cards;
      for (let i = 0; i < s.nodes; i++) {
        assert.ok(plan.x[i] - cw[i] / 2 >= 0 && plan.x[i] + cw[i] / 2 <= w + 0.01, `${counts} ${w}x${h}: card ${i} across`);
        assert.ok(plan.y[i] - ch[i] / 2 >= 0 && plan.y[i] + ch[i] / 2 <= h + 0.01, `${counts} ${w}x${h}: card ${i} down`);
        for (let j = 0; j < i; j++) {
          const apart = Math.max(Math.abs(plan.x[i] - plan.x[j]) - (cw[i] + cw[j]) / 2, Math.abs(plan.y[i] - plan.y[j]) - (ch[i] + ch[j]) / 2);
          assert.ok(apart > 3, `${counts} ${w}x${h}: cards ${j} and ${i} are ${apart} apart`);
        }
        assert.equal(nodeAt(plan, 1, plan.x[i] + cw[i] / 2 - 1, plan.y[i], 9), i);
      }
    }
  }
});

test("a few cards fit a desktop and a phone; fifty do not, and are nodes again", () => {
  const wanted = [{ w: 150, h: 220 }, { w: 150, h: 260 }];
  for (const [w, h] of sizes.slice(0, 3)) assert.ok(cardsPlan(scene([3, 1]), wanted, w, h, 1, null));
  assert.equal(cardsPlan(scene([40, 10]), wanted, 390, 460, 1, null), null);
});

test("on a phone the roles are rows, on a desktop columns", () => {
  const wanted = [{ w: 120, h: 150 }, { w: 120, h: 150 }];
  const [wide, tall] = [cardsPlan(scene([3, 1]), wanted, 716, 620, 1, null), cardsPlan(scene([3, 1]), wanted, 390, 480, 1, null)];
  assert.ok(wide && wide.x[0] < wide.x[3] - 200);
  assert.ok(tall && tall.y[0] < tall.y[3] - 150);
});

test("an arrangement stays while it is nearly as good", () => {
  const s = scene([4, 1]);
  const first = cardsPlan(s, [{ w: 150, h: 130 }, { w: 150, h: 150 }], 716, 620, 1, null);
  const grown = cardsPlan(s, [{ w: 158, h: 136 }, { w: 150, h: 150 }], 716, 620, 1, first?.cards?.lines ?? null);
  assert.deepEqual(grown?.cards?.lines, first?.cards?.lines);
});

test("cards have their places after every frame, whatever was forgotten before it", () => {
  const context = { font: "", measureText: (/** @type {string} */ text) => ({ width: 7 * text.length }) };
  Object.assign(globalThis, { document: { documentElement: { lang: "en" }, createElement: () => ({ getContext: () => context }) } });
  const theme = /** @type {import("./theme.js").Theme} */ ({ scale: 1, font: "x" });
  const s = scene([3, 1]);
  /** @param {number[]} nodes @returns {import("./cards.js").CardsFrame} */
  const frame = (...nodes) => ({ frame: "cards", cards: nodes.map((node) => ({ node, rows: [{ label: { en: "", zh: "" }, form: "stations", cells: [["x", "", "", 0, 0, 0]] }] })) });
  const cards = new Cards();
  assert.equal(cards.take(frame(0, 1, 2, 3), s, theme), true);
  const before = cards.arrange(s, theme, 716, 620);
  assert.ok(before?.cards);
  cards.remeasure(); // the language, say, before the next drawing
  cards.take(frame(3, 9), s, theme);
  assert.deepEqual(cards.arrange(s, theme, 716, 620), before);
});

test("ways run from edge to edge and differ by direction", () => {
  for (const counts of worlds) {
    const s = scene(counts);
    const plan = cardsPlan(s, counts.map(() => ({ w: 100, h: 90 })), 900, 700, 1, null);
    assert.ok(plan?.cards, `${counts}`);
    for (let a = 0; a < s.nodes; a++) {
      for (let b = 0; b < s.nodes; b++) {
        if (a === b) continue;
        const [way, back] = [wayOf(plan, a, b), wayOf(plan, b, a)];
        for (const [x, y, node] of [[way.x0, way.y0, a], [way.x1, way.y1, b]]) {
          const [dx, dy] = [Math.abs(x - plan.x[node]) - plan.cards.w[node] / 2, Math.abs(y - plan.y[node]) - plan.cards.h[node] / 2];
          assert.ok(Math.abs(Math.max(dx, dy)) < 0.01, `${counts}: the way ${a} to ${b} ends ${dx}, ${dy} off card ${node}`);
        }
        assert.ok(wayLength(way) > 5);
        const apart = Math.hypot(wayX(way, 0.4) - wayX(back, 0.6), wayY(way, 0.4) - wayY(back, 0.6));
        assert.ok(apart > 2, `${counts}: ${a} and ${b} would meet`);
      }
    }
  }
});

test("no way passes over a third card, and a packet keeps its speed on it", () => {
  let [ways, around] = [0, 0];
  for (const counts of [...worlds, [6, 2, 4], [3, 1, 4], [16, 8]]) {
    for (const [w, h] of [...sizes, /** @type {[number, number]} */ ([700, 560])]) {
      const s = scene(counts);
      const plan = cardsPlan(s, counts.map((_, i) => ({ w: 150 + 10 * i, h: 180 - 40 * i })), w, h, 1, null);
      if (!plan?.cards) continue;
      for (let a = 0; a < s.nodes; a++) {
        for (let b = 0; b < s.nodes; b++) {
          if (a === b) continue;
          const way = wayOf(plan, a, b);
          ways++;
          if (way.xs) around++;
          for (let t = 0; t <= 1; t += 0.01) {
            const [x, y] = [wayX(way, t), wayY(way, t)];
            if (x < 0 || y < 0 || x > w || y > h) assert.fail(`${counts} ${w}x${h}: ${a} to ${b} leaves the stage`);
            for (let i = 0; i < s.nodes; i++) {
              const inside = Math.min(plan.cards.w[i] / 2 - Math.abs(x - plan.x[i]), plan.cards.h[i] / 2 - Math.abs(y - plan.y[i]));
              if (inside >= 2) assert.fail(`${counts} ${w}x${h}: ${a} to ${b} is over ${i}, ${inside} pixels`);
            }
          }
          const step = wayLength(way) / 96;
          for (let i = 1; way.xs && i <= 96; i++) {
            const passed = Math.hypot(wayX(way, i / 96) - wayX(way, (i - 1) / 96), wayY(way, i / 96) - wayY(way, (i - 1) / 96));
            if (passed > 1.01 * step || passed < 0.6 * step) assert.fail(`${counts}: a step of ${passed}, not ${step}`);
          }
        }
      }
    }
  }
  assert.ok(around > 50, `${around} of ${ways} ways go around`);
});

test("every card can be reached with the arrow keys", () => {
  for (const counts of worlds) {
    const s = scene(counts);
    const plan = cardsPlan(s, counts.map(() => ({ w: 100, h: 60 })), 900, 700, 1, null);
    assert.ok(plan);
    const seen = new Set([0]);
    for (const node of seen) for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) seen.add(Math.max(0, neighbourInDirection(plan, node, dx, dy)));
    assert.equal(seen.size, s.nodes, `${counts}`);
  }
});

test("a name too long for its place keeps its number", () => {
  const c = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ ({ font: "", measureText: (/** @type {string} */ text) => ({ width: 7 * text.length }) }));
  useFont(c, "7px x");
  assert.deepEqual([60, 49, 35, 28, 20, -9].map((room) => fit(c, "server/0", room)), ["server/0", "serv…/0", "se…/0", "s…/0", "", ""]);
  assert.deepEqual([40, 28, 6].map((room) => fit(c, "a reply", room)), ["a re…", "a r…", ""]);
});

test("a row in words", () => {
  const label = { en: "threads", zh: "线程" };
  /** @param {string} text @param {number} [look] @returns {import("./cells.js").Cell} */
  const cell = (text, look = 0) => [text, "", "", look, 0, 0];
  Object.assign(globalThis, { document: { documentElement: { lang: "en" } } });
  assert.equal(describeRow({ label, form: "strip", cells: [cell("a"), cell("b", 2)], more: 3 }), "threads: a, b (waiting), +3");
  assert.equal(describeRow({ label, form: "tail", cells: [cell("a"), cell("b")], more: 3 }), "threads: +3, a, b");
  assert.equal(describeRow({ label, form: "table", cells: [cell("17", 1), cell("add")] }), "threads: 17 = add (now)");
  assert.equal(describeRow({ label, form: "gauge", cells: [["", "", "", 0, 3, 4]] }), "threads: 3 / 4");
});

test("a card too low shortens its rows to whole lines, then leaves out what does not go in", () => {
  const label = { en: "", zh: "" };
  const cells = Array.from({ length: 8 }, () => /** @type {import("./cells.js").Cell} */ (["x", "", "", 0, 0, 0]));
  const rows = ["stations", "table", "gauge"].map((form) => ({ label, form, cells }));
  const shapes = [60, 76, 24].map((h) => ({ h, cell: 20, value: 20 }));
  assert.deepEqual(shareHeight(rows, shapes, 1, 200), { heights: [60, 76, 24], gap: 6 });
  assert.deepEqual(shareHeight(rows, shapes, 1, 142).heights, [60, 57, 17]);
  assert.deepEqual(shareHeight(rows, shapes, 1, 100).heights, [60, 19, 17]);
  assert.deepEqual(shareHeight(rows, shapes, 1, 50).heights, [21, 19, 0]);
  for (let room = 0; room < 250; room++) {
    const { heights, gap } = shareHeight(rows, shapes, 1, room);
    const shown = heights.filter((h) => h > 0);
    assert.ok(shown.reduce((sum, h) => sum + h, 0) + gap * (shown.length - 1) <= room + 0.6, `${room}`);
  }
});

test("a packet's line in the sequence: until now, and half its way if it is lost", () => {
  const box = { top: 0, bottom: 100, left: 10, right: 210, step: 100, from: 0, to: 1000 };
  /** @param {number} fate @returns {import("./sequence.js").Sequence} */
  const q = (fate) => ({
    frame: "sequence", from: 0, now: 1000, span: 1000, id: Float64Array.of(7), sender: Uint32Array.of(0), receiver: Uint32Array.of(1),
    sent: Float64Array.of(500), end: Float64Array.of(fate === 0 || fate === 4 ? 1500 : 900), kind: Uint8Array.of(0), fate: Uint8Array.of(fate), copy: Uint8Array.of(0),
    span_node: new Uint32Array(0), span_from: new Float64Array(0), span_to: new Float64Array(0), span_doing: new Uint8Array(0),
    mark_node: new Uint32Array(0), mark_at: new Float64Array(0), mark_kind: new Uint8Array(0),
  });
  assert.deepEqual(lineOf(q(1), 0, box), { x0: 10, y0: 50, x1: 110, y1: 90 });
  assert.deepEqual(lineOf(q(2), 0, box), { x0: 10, y0: 50, x1: 60, y1: 90 });
  assert.deepEqual(lineOf(q(0), 0, box), { x0: 10, y0: 50, x1: 60, y1: 100 });
  assert.deepEqual(lineOf(q(4), 0, box), { x0: 10, y0: 50, x1: 35, y1: 100 });
  assert.equal(nearestPassage(q(1), box, 60, 72, 9), 7);
  assert.equal(nearestPassage(q(1), box, 60, 20, 9), 0);
  // Where all falls on one instant, the order tells the packets apart.
  const both = { ...q(1), id: Float64Array.of(7, 8), sender: Uint32Array.of(0, 1), receiver: Uint32Array.of(1, 0), kind: new Uint8Array(2), fate: Uint8Array.of(1, 1), copy: new Uint8Array(2) };
  const ordered = inOrder({ ...both, sent: Float64Array.of(500, 500), end: Float64Array.of(500, 501) });
  assert.deepEqual([ordered?.sent, ordered?.end], [Float64Array.of(0.25, 1.25), Float64Array.of(0.75, 1.75)]);
  assert.equal(inOrder({ ...both, sent: Float64Array.of(500, 900), end: Float64Array.of(500, 900) }), null);
  assert.equal(inOrder(q(1)), null);
  assert.deepEqual([rowsShown(3, 240, 1), rowsShown(30, 240, 1)], [{ from: 0, to: 10 }, { from: 20, to: 30 }]);
});

test("instants are as exact as the scale needs", () => {
  assert.deepEqual([timeText(2e6, 1e6), timeText(250_000, 50_000), timeText(12_500, 500), timeText(1_250, 50), timeText(7, 2)], ["2 s", "0.25 s", "12.5 ms", "1.25 ms", "7 µs"]);
});

test("a row that is to grow has its place from the start", () => {
  const label = { en: "", zh: "" };
  const cells = Array.from({ length: 8 }, () => /** @type {import("./cells.js").Cell} */ (["x", "", "", 0, 0, 0]));
  for (const form of ["strip", "tail", "table"]) {
    assert.equal(heightOfRow({ label, form, cells: [], room: 8 }, 1, 100, 30), heightOfRow({ label, form, cells }, 1, 100, 30), form);
  }
});

test("a tail with little room keeps its last cells, and counts the others before them", () => {
  /** @type {string[]} */
  let said = [];
  const c = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (new Proxy({ font: "", measureText: (/** @type {string} */ text) => ({ width: 7 * text.length }), fillText: (/** @type {string} */ text) => said.push(text) },
    { get: (target, name) => /** @type {any} */ (target)[name] ?? (() => {}), set: () => true })));
  const theme = /** @type {import("./theme.js").Theme} */ (/** @type {unknown} */ ({ scale: 1, color: () => "#000000" }));
  /** @param {string[]} texts @param {number} more @returns {import("./rows.js").Row} */
  const row = (texts, more) => ({ label: { en: "", zh: "" }, form: "tail", more, cells: texts.map((text) => [text, "", text === "HW" ? "" : "done", 0, 0, 0]) });
  /** @param {import("./rows.js").Row} one @param {number} w @param {number} h */
  const drawn = (one, w, h) => {
    said = [];
    drawRow(c, theme, one, { h, cell: 24, value: 0 }, 0, 0, w, h);
    return said.join(" ");
  };
  assert.equal(drawn(row(["1", "2", "HW", "3"], 0), 110, 20), "1 2 HW 3");
  assert.equal(drawn(row(["1", "2", "HW", "3"], 7), 110, 20), "+7 1 2 3");
  assert.equal(drawn(row(["1", "2", "HW", "3"], 7), 60, 20), "+9 3");
  assert.equal(drawn(row(["1", "2", "3", "4", "5"], 0), 60, 43), "+2 3 4 5");
  assert.equal(drawn(row(["1", "2", "3"], 0), 40, 20), "+2 3");
});
