// The stage up to some 1,500 nodes: shapes, labels, links and packets, each
// drawn for itself. What rarely changes (nodes, labels, links, cuts) is kept on
// a ground of its own; a frame is that ground and the packets upon it.

import { drawCuts } from "./cuts.js";
import { DOWN, STATE_MASK } from "./frames.js";
import { placeLabels } from "./labels.js";
import { drawPackets } from "./packets.js";
import { drawNode } from "./shapes.js";

/** @typedef {import("./stage.js").View} View */

const fewNodes = 60; // up to here a change of state repaints the whole ground
const someNodes = 300; // up to here it does so if there are lines, which repainting a node alone would nibble

export class Near {
  constructor() {
    const canvas = document.createElement("canvas");
    this.ground = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    /** @type {Uint8Array | null} */
    this.states = null;
    this.cuts = "";
    /** @type {import("./labels.js").Label[] | null} */
    this.labels = null;
  }

  /** Size, theme, language or run have changed: nothing kept holds any more. */
  reset() {
    this.states = null;
    this.labels = null;
  }

  /** @param {CanvasRenderingContext2D} c @param {View} view */
  paint(c, view) {
    this.#updateGround(view);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(this.ground, 0, 0);
    c.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
    drawPackets(c, view);
  }

  /** @param {View} view */
  #updateGround(view) {
    const { picture, scene, plan, theme } = view;
    const { context: g, states: before } = this;
    const cuts = cutsKey(picture);
    const lines = scene.edge_from.length + picture.cut_from.length > 0;
    const whole = scene.nodes <= (lines ? someNodes : fewNodes);
    if (!before || before.length !== picture.states.length || cuts !== this.cuts) {
      this.cuts = cuts;
      this.#paintGround(view);
    } else if (plan.cards) {
      this.#updateCards(view, before, lines);
    } else {
      for (let i = 0; i < before.length; i++) {
        const bits = picture.states[i];
        if (bits === before[i]) continue;
        if (whole) {
          this.#paintGround(view);
          break;
        }
        g.fillStyle = theme.paper;
        g.beginPath();
        g.arc(plan.x[i], plan.y[i], plan.r * ((before[i] | bits) & DOWN ? 1.4 : 1) + 0.7, 0, 2 * Math.PI);
        g.fill();
        drawNode(g, theme, scene.states[bits & STATE_MASK], bits, plan.x[i], plan.y[i], plan.r);
      }
    }
    // A copy: the picture's own column goes with its message.
    if (this.states?.length === picture.states.length) this.states.set(picture.states);
    else this.states = picture.states.slice();
  }

  /** @param {View} view @param {Uint8Array} before @param {boolean} lines some cross the ground */
  #updateCards(view, before, lines) {
    const { picture, cards } = view;
    for (let i = 0; i < before.length; i++) if (picture.states[i] !== before[i]) cards.changed.add(i);
    if (lines && cards.changed.size > 0) this.#paintGround(view);
    else for (const node of cards.changed) cards.draw(this.context, view, node);
    cards.changed.clear();
  }

  /** @param {View} view */
  #paintGround(view) {
    const { scene, plan, theme, picture } = view;
    const g = this.context;
    if (this.ground.width !== view.w * view.dpr || this.ground.height !== view.h * view.dpr) {
      this.ground.width = Math.round(view.w * view.dpr);
      this.ground.height = Math.round(view.h * view.dpr);
    }
    g.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
    g.globalAlpha = 1;
    g.fillStyle = theme.paper;
    g.fillRect(0, 0, view.w, view.h);
    drawEdges(g, view);
    if (plan.cards) {
      for (let i = 0; i < scene.nodes; i++) view.cards.draw(g, view, i);
      view.cards.changed.clear();
      drawCuts(g, view); // a cut between two may have to pass a third
      return;
    }
    drawCuts(g, view);
    for (let i = 0; i < scene.nodes; i++) {
      const bits = picture.states[i] ?? 0;
      drawNode(g, theme, scene.states[bits & STATE_MASK], bits, plan.x[i], plan.y[i], plan.r);
    }
    const size = Math.round(13 * theme.scale);
    g.font = `${size}px ${theme.font}`;
    this.labels ??= placeLabels(g, scene, plan, size, view.w);
    g.fillStyle = theme.muted;
    g.textBaseline = "middle";
    for (const label of this.labels) {
      g.textAlign = label.align;
      g.fillText(label.text, label.x, label.y);
    }
    g.textAlign = "center";
    for (const caption of plan.captions) g.fillText(caption.text, caption.x, caption.y);
  }
}

/** The lasting links, fainter the more there are. @param {CanvasRenderingContext2D} g @param {View} view */
function drawEdges(g, { scene, plan, theme }) {
  const count = scene.edge_from.length;
  if (count === 0) return;
  g.strokeStyle = theme.line;
  g.lineWidth = 1;
  g.globalAlpha = Math.max(0.15, Math.min(1, 400 / count));
  g.beginPath();
  for (let i = 0; i < count; i++) {
    const [a, b] = [scene.edge_from[i], scene.edge_to[i]];
    g.moveTo(plan.x[a], plan.y[a]);
    g.lineTo(plan.x[b], plan.y[b]);
  }
  g.stroke();
  g.globalAlpha = 1;
}

/** Tells one set of cuts from another. @param {import("./frames.js").Picture} p */
function cutsKey(p) {
  let sum = 0;
  for (let i = 0; i < p.cut_from.length; i++) sum = (Math.imul(sum, 31) + p.cut_from[i] * 65599 + p.cut_to[i]) | 0;
  return `${p.cut_from.length}:${sum}`;
}
