// How a node looks. State is told twice, by colour and by shape: hollow ring,
// filled disc, disc with a bar. Crashed nodes are crossed out, paused ones
// dimmed with a broken outline.

import { DOWN, PAUSED, STATE_MASK } from "./frames.js";

/**
 * Draws one node.
 * @param {CanvasRenderingContext2D} c
 * @param {import("./theme.js").Theme} theme
 * @param {import("./frames.js").State | undefined} state
 * @param {number} bits the node's byte in Picture.states
 * @param {number} x @param {number} y @param {number} r radius
 */
export function drawNode(c, theme, state, bits, x, y, r) {
  const color = theme.color(state ? state.color : "idle");
  const shape = state ? state.shape : "ring";
  const stroke = Math.max(1, r * 0.2);
  c.globalAlpha = bits & (PAUSED | DOWN) ? 0.45 : 1;
  c.lineWidth = stroke;
  c.strokeStyle = color;
  c.fillStyle = shape === "ring" ? theme.paper : color;
  c.setLineDash(bits & PAUSED && r >= 4 ? [r * 0.5, r * 0.35] : []);
  c.beginPath();
  c.arc(x, y, r - stroke / 2, 0, 2 * Math.PI);
  c.fill();
  c.stroke();
  c.setLineDash([]);
  if (shape === "bar") {
    const half = Math.max(0.5, r * 0.15);
    c.fillStyle = theme.paper;
    c.fillRect(x - r * 0.6, y - half, r * 1.2, 2 * half);
  }
  c.globalAlpha = 1;
  if (bits & DOWN) {
    const d = r * (r < 4 ? 0.9 : 1.05);
    c.strokeStyle = theme.ink;
    c.lineWidth = Math.max(1, r * 0.16);
    c.beginPath();
    c.moveTo(x - d, y - d);
    c.lineTo(x + d, y + d);
    c.moveTo(x + d, y - d);
    c.lineTo(x - d, y + d);
    c.stroke();
  }
}

/**
 * Nodes drawn once and kept: a tile of opaque pixels for each state byte, all
 * of one size. Stamping them is what makes thousands of nodes cheap.
 */
export class Tiles {
  /**
   * @param {import("./theme.js").Theme} theme
   * @param {import("./frames.js").State[]} states
   * @param {number} size a tile's side, in device pixels
   * @param {number} r the node's radius, in device pixels
   */
  constructor(theme, states, size, r) {
    this.theme = theme;
    this.states = states;
    this.size = size;
    this.r = r;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    /** @type {(Uint32Array | undefined)[]} */
    this.tiles = new Array(256);
  }

  /** @param {number} bits @returns {Uint32Array} size * size pixels */
  get(bits) {
    return this.tiles[bits] ?? (this.tiles[bits] = this.#draw(bits));
  }

  /** @param {number} bits */
  #draw(bits) {
    const { context: c, size, theme } = this;
    const state = this.states[bits & STATE_MASK];
    c.globalAlpha = 1;
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, size, size);
    if (size >= 6) drawNode(c, theme, state, bits, size / 2, size / 2, this.r);
    else this.#drawSquare(state, bits);
    return new Uint32Array(c.getImageData(0, 0, size, size).data.buffer);
  }

  /**
   * Under six pixels no circle is left: a square, hollow or paler for a ring,
   * fainter when down or paused. The magnifier shows the real shape.
   * @param {import("./frames.js").State | undefined} state @param {number} bits
   */
  #drawSquare(state, bits) {
    const { context: c, size, theme } = this;
    const side = size > 2 ? size - 1 : size;
    const hollow = !state || state.shape === "ring";
    c.globalAlpha = (bits & (DOWN | PAUSED) ? 0.35 : 1) * (hollow && side < 3 ? 0.5 : 1);
    c.fillStyle = theme.color(state ? state.color : "idle");
    c.fillRect(0, 0, side, side);
    if (side < 3) return;
    c.globalAlpha = 1;
    c.fillStyle = theme.paper;
    if (hollow) c.fillRect(1, 1, side - 2, side - 2);
    else if (state.shape === "bar") c.fillRect(1, side >> 1, side - 2, 1);
  }
}
