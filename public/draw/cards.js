// The cards: what each node shows inside, how large its card would like to be,
// and how it is drawn. A card's size and the places of its rows are those of
// the widest and highest that its role has shown so far, so that nothing moves
// when a content changes.

import { cardsPlan } from "./cardplan.js";
import { DOWN, PAUSED, STATE_MASK } from "./frames.js";
import { nodeName, roleOf } from "./names.js";
import { describeRow, drawRow, heightOfRow, rowGap, shareHeight, sizesAt, widthOfRow } from "./rows.js";
import { drawNode } from "./shapes.js";
import { fit, useFont, widthOf } from "./texts.js";
import { say } from "./theme.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Shape} Shape */
/** @typedef {{frame: "cards", cards: {node: number, rows: Row[]}[]}} CardsFrame */
/**
 * What the cards of one role take.
 * @typedef {object} Form
 * @property {number} w @property {number} h
 * @property {number} title width of the longest name with the longest state beside it
 * @property {Shape[]} rows
 */

const words = { down: { en: "crashed", zh: "已崩溃" }, paused: { en: "paused", zh: "已暂停" } };

const pad = 8; // within a card, in pixels at scale 1
const title = 24;
const widest = 236; // a card's inside

export class Cards {
  constructor() {
    /** @type {Row[][]} by node; empty when this run has no cards */
    this.rows = [];
    /** @type {Set<number>} nodes whose card has changed since it was drawn */
    this.changed = new Set();
    /** @type {Form[]} by role */
    this.forms = [];
    /** @type {import("./cardplan.js").Lines | null} */
    this.lines = null;
    const canvas = document.createElement("canvas");
    this.ruler = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** A new run: no cards until they come. */
  clear() {
    this.rows = [];
    this.forms = [];
    this.lines = null;
    this.changed.clear();
  }

  /** Language, theme or size of letters have changed. */
  remeasure() {
    this.forms = [];
  }

  /**
   * Takes in what has changed.
   * @param {CardsFrame} frame @param {import("./frames.js").Scene} scene @param {import("./theme.js").Theme} theme
   * @returns {boolean} whether some cards need more room than they had
   */
  take(frame, scene, theme) {
    // What was forgotten is measured of all cards, or the roles that this frame
    // does not touch would have no size, and no card a place.
    const all = this.forms.length === 0;
    const changed = frame.cards.filter(({ node }) => node < scene.nodes);
    for (const { node, rows } of changed) {
      this.rows[node] = rows ?? [];
      this.changed.add(node);
    }
    return this.#measure(scene, theme, all ? [...this.rows.keys()] : changed.map(({ node }) => node));
  }

  /** @param {import("./frames.js").Scene} scene @param {import("./theme.js").Theme} theme @param {number[]} nodes */
  #measure(scene, theme, nodes) {
    const { scale } = theme;
    const c = this.ruler;
    let grown = false;
    useFont(c, `${sizesAt(scale).font}px ${theme.font}`);
    for (const node of nodes) {
      const index = scene.roles.indexOf(roleOf(scene, node));
      const form = (this.forms[index] ??= { w: 0, h: 0, title: 0, rows: [] });
      const rows = this.rows[node] ?? [];
      const state = Math.max(0, ...[...scene.states.map((st) => st.label), words.down, words.paused].map((text) => widthOf(c, say(text))));
      form.title = Math.max(form.title, widthOf(c, nodeName(scene, node)) * 1.15 + state + 30 * scale);
      const name = widthOf(c, nodeName(scene, node)) * 1.15 + 24 * scale;
      let inside = Math.max(96 * scale, form.w - 2 * pad * scale, form.title <= 170 * scale ? form.title : name);
      rows.forEach((row, i) => {
        const shape = (form.rows[i] ??= { h: 0, cell: 0, value: 0 });
        inside = Math.max(inside, widthOfRow(c, row, scale, shape));
      });
      inside = Math.min(widest * scale, Math.ceil(inside / 8) * 8);
      let h = title * scale;
      rows.forEach((row, i) => {
        const shape = form.rows[i];
        shape.h = Math.max(shape.h, heightOfRow(row, scale, inside, shape.cell));
      });
      for (const shape of form.rows) h += shape.h + rowGap * scale;
      h += form.rows.length > 0 ? (pad - rowGap / 2) * scale : 0;
      const w = inside + 2 * pad * scale;
      if (w > form.w || h > form.h) grown = true;
      form.w = Math.max(form.w, w);
      form.h = Math.max(form.h, h);
    }
    return grown;
  }

  /**
   * Where the cards stand, or null if there are none or too many for the stage.
   * @param {import("./frames.js").Scene} scene @param {import("./theme.js").Theme} theme @param {number} w @param {number} h
   */
  arrange(scene, theme, w, h) {
    if (this.rows.length === 0) return null;
    if (this.forms.length === 0) this.#measure(scene, theme, [...this.rows.keys()]);
    const wanted = scene.roles.map((_, i) => this.forms[i] ?? { w: 1, h: 1 });
    const plan = cardsPlan(scene, wanted, w, h, theme.scale, this.lines);
    this.lines = plan?.cards?.lines ?? null;
    return plan;
  }

  /** A card in words, "" for none. @param {number} node */
  describe(node) {
    return (this.rows[node] ?? []).map(describeRow).filter(Boolean).join("; ");
  }

  /**
   * @param {CanvasRenderingContext2D} c
   * @param {import("./stage.js").View} view @param {number} node
   */
  draw(c, view, node) {
    const { w, h, zoom } = /** @type {import("./cardplan.js").Cards} */ (view.plan.cards);
    c.save();
    c.translate(view.plan.x[node] - w[node] / 2, view.plan.y[node] - h[node] / 2);
    c.scale(zoom, zoom);
    this.#draw(c, view, node, w[node] / zoom, h[node] / zoom);
    c.restore();
  }

  /** @param {CanvasRenderingContext2D} c @param {import("./stage.js").View} view @param {number} node @param {number} w @param {number} h */
  #draw(c, view, node, w, h) {
    const { theme, scene, picture } = view;
    const s = theme.scale;
    const bits = picture.states[node] ?? 0;
    c.fillStyle = theme.ground;
    c.fillRect(0, 0, w, h);
    c.strokeStyle = bits & DOWN ? theme.ink : theme.edge;
    c.lineWidth = 1;
    c.setLineDash(bits & PAUSED ? [5, 4] : []);
    c.strokeRect(0.5, 0.5, w - 1, h - 1);
    c.setLineDash([]);
    const form = this.forms[scene.roles.indexOf(roleOf(scene, node))];
    this.#title(c, view, node, bits, w, form);
    const rows = this.rows[node] ?? [];
    if (!form || rows.length === 0) return;
    useFont(c, `${sizesAt(s).font}px ${theme.font}`);
    const bottom = h - (pad - rowGap / 2) * s;
    const { heights, gap } = shareHeight(rows, form.rows, s, bottom - title * s);
    let at = title * s;
    if (bits & (PAUSED | DOWN)) c.globalAlpha = bits & DOWN ? 0.5 : 0.6;
    heights.forEach((room, i) => {
      if (room === 0) return;
      c.save(); // a row keeps to its place, come what may
      c.beginPath();
      c.rect(0, at - 1, w, room + 2);
      c.clip();
      drawRow(c, theme, rows[i], form.rows[i], pad * s, at, w - 2 * pad * s, room);
      c.restore();
      at += room + gap;
    });
    if (heights.includes(0)) rest(c, theme, w / 2, h - 3 * s);
    c.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} c @param {import("./stage.js").View} view @param {number} node @param {number} bits @param {number} w @param {Form | undefined} form */
  #title(c, { theme, scene }, node, bits, w, form) {
    const s = theme.scale;
    const state = scene.states[bits & STATE_MASK];
    const middle = (title / 2) * s;
    drawNode(c, theme, state, bits, (pad + 6) * s, middle, 6 * s);
    c.textBaseline = "middle";
    c.textAlign = "left";
    c.fillStyle = theme.ink;
    useFont(c, `600 ${Math.round(13 * s)}px ${theme.font}`);
    const left = (pad + 17) * s;
    const name = fit(c, nodeName(scene, node), w - left - 4 * s);
    c.fillText(name, left, middle + 0.5);
    const free = w - left - widthOf(c, name) - 16 * s;
    useFont(c, `${sizesAt(s).font}px ${theme.font}`);
    c.textAlign = "right";
    c.fillStyle = theme.muted;
    const text = say(bits & DOWN ? words.down : bits & PAUSED ? words.paused : state?.label);
    // Where there is no room, the shape says it, and the legend.
    const room = bits & (DOWN | PAUSED) ? widthOf(c, text) <= free : form && form.title <= w - 2 * pad * s;
    if (room) c.fillText(text, w - pad * s, middle + 0.5);
  }
}

/** Three dots: there is more than has room. @param {CanvasRenderingContext2D} c @param {import("./theme.js").Theme} theme @param {number} x @param {number} y */
function rest(c, theme, x, y) {
  c.fillStyle = theme.muted;
  for (const off of [-6, 0, 6]) c.fillRect(x + off - 1, y - 1, 2, 2);
}
