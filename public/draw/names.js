// Nodes and packets in words, for tooltips and for readers of the screen.

import { DOWN, PAUSED, STATE_MASK } from "./frames.js";
import { language, say } from "./theme.js";

/** @typedef {import("./frames.js").Scene} Scene */
/** @typedef {import("./frames.js").Picture} Picture */

const words = {
  down: { en: "crashed", zh: "已崩溃" },
  paused: { en: "paused", zh: "已暂停" },
  message: { en: "message", zh: "消息" },
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
 */
export function describeNode(scene, picture, node) {
  const bits = picture.states[node] ?? 0;
  const parts = [nodeName(scene, node), say(scene.states[bits & STATE_MASK]?.label)];
  if (bits & DOWN) parts.push(say(words.down));
  if (bits & PAUSED) parts.push(say(words.paused));
  return parts.filter(Boolean).join(language() === "zh" ? "，" : ", ");
}

/**
 * A packet: "push: gossiper/3 → gossiper/9".
 * @param {Scene} scene @param {Picture} picture @param {number} i the flight's index
 */
export function describeFlight(scene, picture, i) {
  const kind = say(scene.kinds[picture.kind[i]]?.label) || say(words.message);
  const way = `${nodeName(scene, picture.from[i])} → ${nodeName(scene, picture.to[i])}`;
  return language() === "zh" ? `${kind}：${way}` : `${kind}: ${way}`;
}
