// The nodes' names on the stage: they never overlap. When not all whole names
// find room they are shortened to numbers, and when not all numbers do, only
// every second, fifth, tenth is shown: a scale to count by.

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
  const whole = place(c, scene, plan, size, width, 1, (role, member) => `${role}/${member}`);
  if (whole) return whole;
  const several = scene.roles.length > 1;
  for (const step of [1, 2, 5, 10, 20, 50, 100]) {
    const short = place(c, scene, plan, size, width, step, (role, member) => (several ? role[0] : "") + member);
    if (short) return short;
  }
  return [];
}

/**
 * Labels on every step-th member of each role, or null when two would overlap.
 * @param {CanvasRenderingContext2D} c
 * @param {import("./frames.js").Scene} scene
 * @param {import("./layout.js").Plan} plan
 * @param {number} size @param {number} width @param {number} step
 * @param {(role: string, member: number) => string} name
 */
function place(c, scene, plan, size, width, step, name) {
  /** @type {Label[]} */
  const placed = [];
  for (const role of scene.roles) {
    for (let member = 0; member < role.count; member += step) {
      const label = labelAt(c, plan, role.first + member, name(role.name, member), size);
      if (!fits(label, placed, size, width)) return null;
      placed.push(label);
    }
  }
  return placed;
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {import("./layout.js").Plan} plan
 * @param {number} node @param {string} text @param {number} size
 * @returns {Label}
 */
function labelAt(c, plan, node, text, size) {
  const [dx, dy] = [/** @type {Float32Array} */ (plan.lx)[node], /** @type {Float32Array} */ (plan.ly)[node]];
  const reach = plan.r + 8; // clear of the ring that marks a selection
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
