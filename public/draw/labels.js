// The nodes' names on the stage: they never overlap. Each is shortened when
// not all whole names find room, and hidden when even the short ones do not,
// round numbers last.

import { roleOf } from "./names.js";

/** @typedef {{text: string, x: number, y: number, align: CanvasTextAlign, w: number}} Label */

/**
 * @param {CanvasRenderingContext2D} c its font is set
 * @param {import("./frames.js").Scene} scene
 * @param {import("./layout.js").Plan} plan
 * @param {number} size the font's, in pixels
 * @param {number} width of the stage
 * @returns {Label[]}
 */
export function placeLabels(c, scene, plan, size, width) {
  if (!plan.lx) return [];
  const whole = place(c, scene, plan, size, width, (role, member) => `${role}/${member}`);
  if (whole.length === scene.nodes) return whole;
  return place(c, scene, plan, size, width, (role, member) => (scene.roles.length > 1 ? `${role[0]}${member}` : `${member}`));
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {import("./frames.js").Scene} scene
 * @param {import("./layout.js").Plan} plan
 * @param {number} size @param {number} width
 * @param {(role: string, member: number) => string} name
 */
function place(c, scene, plan, size, width, name) {
  /** @type {Label[]} */
  const placed = [];
  for (const node of byRank(scene)) {
    const role = roleOf(scene, node);
    const label = labelAt(c, plan, node, name(role.name, node - role.first), size);
    if (fits(label, placed, size, width)) placed.push(label);
  }
  return placed;
}

/**
 * Nodes in order of how much their label is worth: multiples of 10 in their
 * role, then of 5, then even ones, then the others.
 * @param {import("./frames.js").Scene} scene
 */
function byRank(scene) {
  /** @param {number} member */
  const rank = (member) => (member % 10 === 0 ? 0 : member % 5 === 0 ? 1 : member % 2 === 0 ? 2 : 3);
  /** @type {{node: number, rank: number}[]} */
  const order = [];
  for (const role of scene.roles) {
    for (let i = 0; i < role.count; i++) order.push({ node: role.first + i, rank: rank(i) });
  }
  return order.sort((a, b) => a.rank - b.rank || a.node - b.node).map((o) => o.node);
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {import("./layout.js").Plan} plan
 * @param {number} node @param {string} text @param {number} size
 * @returns {Label}
 */
function labelAt(c, plan, node, text, size) {
  const [dx, dy] = [/** @type {Float32Array} */ (plan.lx)[node], /** @type {Float32Array} */ (plan.ly)[node]];
  const reach = plan.r + 5;
  const align = dx > 0.35 ? "left" : dx < -0.35 ? "right" : "center";
  return {
    text,
    align,
    w: c.measureText(text).width,
    x: plan.x[node] + dx * reach,
    y: plan.y[node] + dy * (reach + size * 0.45),
  };
}

/** @param {Label} label @param {Label[]} placed @param {number} size @param {number} width */
function fits(label, placed, size, width) {
  const left = leftOf(label);
  if (left < 2 || left + label.w > width - 2) return false;
  return placed.every((p) => {
    const other = leftOf(p);
    return Math.abs(p.y - label.y) >= size + 1 || other + p.w + 4 <= left || left + label.w + 4 <= other;
  });
}

/** @param {Label} label */
function leftOf(label) {
  return label.align === "left" ? label.x : label.align === "right" ? label.x - label.w : label.x - label.w / 2;
}
