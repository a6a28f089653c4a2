// Nodes and packets in words, for tooltips and for readers of the screen.

import { DOWN, PAUSED, STATE_MASK } from "./frames.js";
import { language, say } from "./theme.js";

/** @typedef {import("./frames.js").Scene} Scene */
/** @typedef {import("./frames.js").Picture} Picture */
/** @typedef {import("./sequence.js").Sequence} Sequence */

const words = {
  down: { en: "crashed", zh: "已崩溃" },
  paused: { en: "paused", zh: "已暂停" },
  message: { en: "message", zh: "消息" },
  lost: { en: "lost", zh: "丢失" },
  refused: { en: "the receiver was down", zh: "接收方已崩溃" },
  flying: { en: "on its way", zh: "在途中" },
  arrived: { en: "arrived", zh: "已送达" },
  copy: { en: " (a copy made by the network)", zh: "（网络复制的副本）" },
};

/** @param {Scene} scene @param {number} node */
export function roleOf(scene, node) {
  return scene.roles.find((r) => node >= r.first && node < r.first + r.count) ?? { name: "node", first: 0, count: scene.nodes };
}

/** @param {Scene} scene @param {number} node @returns {string} for example "gossiper/3" */
export function nodeName(scene, node) {
  const role = roleOf(scene, node);
  return `${role.name}/${node - role.first}`;
}

/**
 * A node and its state: "gossiper/3, infective, paused".
 * @param {Scene} scene @param {Picture} picture @param {number} node
 * @param {string} [inside] what its card shows
 */
export function describeNode(scene, picture, node, inside = "") {
  const bits = picture.states[node] ?? 0;
  const parts = [nodeName(scene, node), say(scene.states[bits & STATE_MASK]?.label)];
  if (bits & DOWN) parts.push(say(words.down));
  if (bits & PAUSED) parts.push(say(words.paused));
  return [parts.filter(Boolean).join(language() === "zh" ? "，" : ", "), inside].filter(Boolean).join(language() === "zh" ? "。" : ". ");
}

/**
 * A packet: "push: gossiper/3 → gossiper/9".
 * @param {Scene} scene @param {Picture} picture @param {number} i the flight's index
 */
export function describeFlight(scene, picture, i) {
  const kind = say(scene.kinds[picture.kind[i]]?.label) || say(words.message);
  const way = `${nodeName(scene, picture.from[i])} → ${nodeName(scene, picture.to[i])}`;
  return (language() === "zh" ? `${kind}：${way}` : `${kind}: ${way}`) + (picture.copy[i] ? say(words.copy) : "");
}

/**
 * A packet of the sequence view: "call: client/0 → server/0, arrived".
 * @param {Scene} scene @param {Sequence} q @param {number} i
 */
export function describePassage(scene, q, i) {
  const kind = say(scene.kinds[q.kind[i]]?.label) || say(words.message);
  const way = `${nodeName(scene, q.sender[i])} → ${nodeName(scene, q.receiver[i])}`;
  const fate = [words.flying, words.arrived, words.lost, words.refused][q.fate[i]] ?? words.flying;
  const chinese = language() === "zh";
  return (chinese ? `${kind}：${way}，${say(fate)}` : `${kind}: ${way}, ${say(fate)}`) + (q.copy[i] ? say(words.copy) : "");
}
