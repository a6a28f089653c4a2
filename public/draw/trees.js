// Arrangements that follow a structure: a tidy tree, and a column for each role.

import { nodeRadius } from "./sizes.js";

/**
 * A tidy tree (a forest, if need be): every level on one line, leaves evenly
 * spaced, parents above the middle of their children. It grows along the
 * stage's shorter side, so that the leaves have the longer one.
 * @param {import("./frames.js").Scene} scene
 * @param {number} w @param {number} h @param {number} scale
 * @returns {import("./layout.js").Plan}
 */
export function treePlan(scene, w, h, scale) {
  const n = scene.nodes;
  const { children, roots } = spanningForest(scene);
  const level = new Float32Array(n);
  const across = new Float32Array(n);
  let depth = 0;
  let leaves = 0;
  /** @param {number} node @param {number} d */
  const place = (node, d) => {
    level[node] = d;
    depth = Math.max(depth, d);
    const kids = children[node];
    if (kids.length === 0) {
      across[node] = leaves++;
      return;
    }
    for (const kid of kids) place(kid, d + 1);
    across[node] = (across[kids[0]] + across[kids[kids.length - 1]]) / 2;
  };
  for (const root of roots) place(root, 0);

  const sideways = h > w;
  const long = sideways ? h : w;
  const short = sideways ? w : h;
  const padLong = Math.min(40 * scale, long * 0.08);
  const padShort = Math.min(56 * scale, short * 0.14);
  const step = (long - 2 * padLong) / Math.max(1, leaves);
  const fall = (short - 2 * padShort) / Math.max(1, depth);
  const [x, y, lx, ly] = [new Float32Array(n), new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) {
    const u = padLong + (across[i] + 0.5) * step;
    const v = padShort + level[i] * fall;
    x[i] = sideways ? v : u;
    y[i] = sideways ? u : v;
    const leaf = children[i].length === 0;
    if (sideways) lx[i] = leaf ? 1 : -1;
    else ly[i] = leaf ? 1 : -1;
  }
  const spacing = Math.min(step, fall);
  return { x, y, r: nodeRadius(n, spacing, scale), spacing, lx, ly, captions: [], grid: null, cards: null };
}

/**
 * The tree that the edges describe. Extra edges are ignored and nodes that no
 * edge reaches become roots, so any graph gets a drawing.
 * @param {import("./frames.js").Scene} scene
 */
function spanningForest(scene) {
  const n = scene.nodes;
  /** @type {number[][]} */
  const next = Array.from({ length: n }, () => []);
  const entered = new Uint8Array(n);
  for (let i = 0; i < scene.edge_from.length; i++) {
    const [from, to] = [scene.edge_from[i], scene.edge_to[i]];
    if (from >= n || to >= n) continue;
    next[from].push(to);
    entered[to] = 1;
  }
  /** @type {number[][]} */
  const children = Array.from({ length: n }, () => []);
  const seen = new Uint8Array(n);
  /** @type {number[]} */
  const roots = [];
  /** @param {number} root */
  const grow = (root) => {
    if (seen[root]) return;
    seen[root] = 1;
    roots.push(root);
    const queue = [root];
    for (const node of queue) {
      for (const to of next[node]) {
        if (seen[to]) continue;
        seen[to] = 1;
        children[node].push(to);
        queue.push(to);
      }
    }
  };
  for (let i = 0; i < n; i++) if (!entered[i] && next[i].length > 0) grow(i);
  for (let i = 0; i < n; i++) grow(i);
  return { children, roots };
}

/**
 * A column for each role, in the lab's order; on a tall stage a row for each.
 * @param {import("./frames.js").Scene} scene
 * @param {number} w @param {number} h @param {number} scale
 * @returns {import("./layout.js").Plan}
 */
export function columnsPlan(scene, w, h, scale) {
  const n = scene.nodes;
  const [x, y, lx, ly] = [new Float32Array(n), new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  const tall = h > w;
  const pad = Math.min(40 * scale, 0.12 * (tall ? w : h));
  const long = (tall ? w : h) - 2 * pad;
  const band = (tall ? h : w) / scene.roles.length;
  /** @type {{text: string, x: number, y: number}[]} */
  const captions = [];
  let spacing = band;
  scene.roles.forEach((role, index) => {
    // A role with many members takes several lines of its band.
    const lines = Math.max(1, Math.ceil(Math.sqrt((role.count * band * 0.5) / long / 2)));
    const perLine = Math.ceil(role.count / lines);
    const step = long / perLine;
    const between = (band * 0.6) / lines;
    spacing = Math.min(spacing, step, between);
    for (let i = 0; i < role.count && role.first + i < n; i++) {
      const u = pad + ((i % perLine) + 0.5) * step;
      const v = (index + 0.5) * band + (Math.floor(i / perLine) - (lines - 1) / 2) * between;
      const node = role.first + i;
      x[node] = tall ? u : v;
      y[node] = tall ? v : u;
      ly[node] = 1; // names below: packets come and go at the sides
    }
    const middle = (index + 0.5) * band;
    captions.push(tall ? { text: role.name, x: w / 2, y: index * band + 16 * scale } : { text: role.name, x: middle, y: 20 * scale });
  });
  return { x, y, r: nodeRadius(n, spacing, scale), spacing, lx, ly, captions, grid: null, cards: null };
}
