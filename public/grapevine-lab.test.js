import assert from "node:assert/strict";
import test from "node:test";
import { linkOf } from "./grapevine-lab.js";

/** @param {Record<string, string>} attributes */
const link = (attributes) => linkOf((name) => attributes[name] ?? null);

test("attributes become a link", () => {
  assert.deepEqual(link({ lab: "gossip/rumor" }), { link: "gossip/rumor" });
  assert.deepEqual(link({ lab: "gossip/rumor", params: " n=200  k=2 loss=10% ", seed: "7" }), {
    link: "gossip/rumor?n=200&k=2&loss=10%25&seed=7",
  });
  assert.deepEqual(link({ lab: "gossip/faults", script: "1.5s crash gossiper/3; 2s heal" }), {
    link: "gossip/faults?do=1.5s%20crash%20gossiper%2F3;2s%20heal",
  });
  assert.deepEqual(link({ lab: "gossip/faults", params: "crash-at=2s", script: "" }), { link: "gossip/faults?crash-at=2s&do=" });
  assert.deepEqual(link({ lab: "gossip/rumor", seed: "18446744073709551615" }), { link: "gossip/rumor?seed=18446744073709551615" });
});

test("what is wrong with an attribute is named", () => {
  assert.deepEqual(link({}), { wrong: "lab", detail: "" });
  assert.deepEqual(link({ lab: "javascript:alert(1)" }), { wrong: "lab", detail: "" });
  assert.deepEqual(link({ lab: "gossip/rumor", params: "n=2 k" }), { wrong: "params", detail: "k" });
  assert.deepEqual(link({ lab: "gossip/rumor", seed: "-1" }), { wrong: "seed", detail: "" });
  assert.deepEqual(link({ lab: "gossip/rumor", seed: "18446744073709551616" }), { wrong: "seed", detail: "" });
});
