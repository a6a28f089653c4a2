// The stage: a canvas that shows the engine's newest picture. Nothing moves on
// it by itself: a frame is drawn when a picture, the visitor's hand, the theme
// or the size has changed, and never otherwise.

import { Cards } from "./cards.js";
import { Deaths, nearestFlight } from "./flights.js";
import { Field } from "./field.js";
import { listen, mouseReach, neighbourInDirection, newHand, nodeAt } from "./hands.js";
import { arrangeIn } from "./layout.js";
import { describeFlight, describeNode } from "./names.js";
import { Near } from "./near.js";
import { drawOverlay } from "./overlay.js";
import { language, readTheme, watchTheme } from "./theme.js";

/** @typedef {import("./frames.js").Scene} Scene */
/** @typedef {import("./frames.js").Picture} Picture */
/** @typedef {{node: number, packet: number, second: number}} Selection */
/**
 * Everything that a frame is drawn from.
 * @typedef {object} View
 * @property {Scene} scene
 * @property {Picture} picture
 * @property {import("./layout.js").Plan} plan
 * @property {import("./theme.js").Theme} theme
 * @property {number} w @property {number} h in CSS pixels
 * @property {number} dpr
 * @property {Selection} selection
 * @property {import("./hands.js").Hand} hand
 * @property {Deaths} deaths
 * @property {Cards} cards
 * @property {boolean} still the visitor asked for less motion
 */

const maxCanvasPixels = 4096 * 2304; // beyond it device pixels are merged

const words = {
  en: "The network. Arrow keys move from node to node, Enter chooses, Escape clears.",
  zh: "网络。方向键在节点间移动，回车键选中，Esc 键取消。",
};

export class Stage {
  /**
   * @param {HTMLElement} host
   * @param {{onpick: (kind: "node" | "packet" | "none", id: number) => void, onfirst: () => void, onpainted: () => void}} events
   */
  constructor(host, events) {
    this.host = host;
    this.events = events;
    this.canvas = document.createElement("canvas");
    this.canvas.style.cssText = "display:block;position:absolute;inset:0;width:100%;height:100%;touch-action:manipulation";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    host.append(this.canvas);
    this.live = document.getElementById("stage-say") ?? hiddenLine(host);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {import("./layout.js").Plan | null} */
    this.plan = null;
    this.theme = readTheme();
    this.hand = newHand();
    this.deaths = new Deaths();
    this.cards = new Cards();
    /** @type {Selection} */
    this.selection = { node: -1, packet: 0, second: -1 };
    this.near = new Near();
    this.field = new Field();
    this.w = this.h = 0;
    this.dpr = 1;
    this.pending = false;
    this.fresh = false; // the picture has not been painted yet
    this.moved = false; // a picture worth calling the first has been drawn
    this.counts = { framesDrawn: 0, framesReceived: 0, lastDrawMs: 0 };
    this.motion = matchMedia("(prefers-reduced-motion: reduce)");
    new ResizeObserver(() => this.resize()).observe(host);
    watchTheme(() => this.restyle());
    this.canvas.addEventListener("contextrestored", () => this.restyle());
    listen(this.canvas, this);
    this.restyle();
    this.resize();
  }

  /** @param {Scene} scene */
  setScene(scene) {
    this.scene = scene;
    this.picture = null;
    this.deaths.list = [];
    this.cards.clear();
    this.selection = { node: -1, packet: 0, second: -1 };
    Object.assign(this.hand, { node: -1, flight: -1, focus: -1 });
    this.#forget();
  }

  /** @param {Picture} picture */
  setPicture(picture) {
    this.counts.framesReceived++;
    if (!this.scene || picture.states.length !== this.scene.nodes) return; // of a run already left
    this.deaths.update(this.picture, picture);
    this.picture = picture;
    this.fresh = true;
    this.invalidate();
  }

  /** What the nodes show inside; the picture of the same instant comes next. @param {import("./cards.js").CardsFrame} frame */
  setCards(frame) {
    if (this.scene && this.cards.take(frame, this.scene, this.theme)) this.#forget();
  }

  /**
   * Marks what the page has selected.
   * @param {{node?: number, packet?: number, second?: number}} selection
   */
  select({ node = -1, packet = 0, second = -1 }) {
    this.selection = { node, packet, second };
    this.invalidate();
  }

  /** Counters for tests and benches. */
  stats() {
    return { ...this.counts, nodes: this.scene?.nodes ?? 0, packets: this.picture?.from.length ?? 0 };
  }

  /** Asks for one more drawing. */
  invalidate() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      const start = performance.now();
      if (this.draw()) this.counts.framesDrawn++;
      if (this.fresh) this.events.onpainted();
      this.fresh = false;
      this.counts.lastDrawMs = performance.now() - start;
    });
  }

  resize() {
    this.w = Math.max(1, this.host.clientWidth);
    this.h = Math.max(1, this.host.clientHeight);
    this.theme = readTheme(); // its scale goes with the window in presentation mode
    this.dpr = Math.min(window.devicePixelRatio || 1, Math.sqrt(maxCanvasPixels / (this.w * this.h)));
    this.canvas.width = Math.round(this.w * this.dpr);
    this.canvas.height = Math.round(this.h * this.dpr);
    this.#forget();
    this.draw(); // now, or an empty canvas would flash
  }

  restyle() {
    this.theme = readTheme();
    this.canvas.setAttribute("aria-label", words[language()]);
    this.cards.remeasure();
    this.#forget();
  }

  #forget() {
    this.plan = null;
    this.near.reset();
    this.field.reset();
    this.invalidate();
  }

  /** The host's padding keeps nodes away from what lies over the stage. */
  #free() {
    const style = getComputedStyle(this.host);
    /** @param {string} side */
    const pad = (side) => parseFloat(style.getPropertyValue(`padding-${side}`)) || 0;
    const [left, top] = [pad("left"), pad("top")];
    return { left, top, w: Math.max(40, this.w - left - pad("right")), h: Math.max(40, this.h - top - pad("bottom")) };
  }

  /** The plan, made when it is first asked for: a key or a click may come before the next drawing. @param {Scene} scene */
  #arranged(scene) {
    this.plan ??= arrangeIn(scene, this.#free(), this.dpr, this.theme, this.cards);
    return this.plan;
  }

  /** @returns {boolean} whether there was anything to draw */
  draw() {
    const c = this.context;
    const { scene, picture, theme, w, h, dpr } = this;
    if (!scene || !picture) {
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.fillStyle = theme.paper;
      c.fillRect(0, 0, this.canvas.width, this.canvas.height);
      return false;
    }
    const plan = this.#arranged(scene);
    const { hand, selection, deaths, cards } = this;
    if (hand.inside) this.#findUnderHand(picture, plan);
    /** @type {View} */
    const view = { scene, picture, plan, theme, w, h, dpr, selection, hand, deaths, cards, still: this.motion.matches };
    (plan.grid ? this.field : this.near).paint(c, view);
    drawOverlay(c, view);
    if (!this.moved && (picture.now > 0 || picture.from.length > 0)) {
      this.moved = true;
      this.events.onfirst();
    }
    return true;
  }

  /** @param {Picture} picture @param {import("./layout.js").Plan} plan */
  #findUnderHand(picture, plan) {
    const { hand } = this;
    hand.node = nodeAt(plan, this.dpr, hand.x, hand.y, hand.reach);
    // A finger reaches far: a packet near by must not take a node out from under it.
    const onNode = !plan.grid && hand.node >= 0 && (plan.cards || Math.hypot(plan.x[hand.node] - hand.x, plan.y[hand.node] - hand.y) <= plan.r);
    hand.flight = plan.grid ? -1 : nearestFlight(picture, plan, hand.x, hand.y, onNode ? mouseReach : hand.reach);
    if (hand.flight >= 0) hand.node = -1;
    this.canvas.style.cursor = hand.flight >= 0 || hand.node >= 0 ? "pointer" : "default";
  }

  pickUnderHand() {
    const { scene, picture, hand } = this;
    if (!scene || !picture) return;
    this.#findUnderHand(picture, this.#arranged(scene));
    if (hand.flight >= 0) this.#pick("packet", picture.id[hand.flight]);
    else if (hand.node >= 0) this.#pick("node", hand.node);
    else this.#pick("none", 0);
  }

  pickFocus() {
    if (this.hand.focus >= 0) this.#pick("node", this.hand.focus);
  }

  clear() {
    this.hand.focus = -1;
    this.#pick("none", 0);
  }

  /** @param {"node" | "packet" | "none"} kind @param {number} id */
  #pick(kind, id) {
    const { scene, picture } = this;
    if (scene && picture && kind === "node") this.say(describeNode(scene, picture, id, this.cards.describe(id)));
    if (scene && picture && kind === "packet") this.say(describeFlight(scene, picture, picture.id.indexOf(id)));
    this.events.onpick(kind, id);
    this.invalidate();
  }

  /** @param {number} dx @param {number} dy */
  moveFocus(dx, dy) {
    const { scene, picture, hand } = this;
    if (!scene || !picture || scene.nodes === 0) return;
    hand.inside = false;
    hand.node = hand.flight = -1;
    const from = hand.focus >= 0 ? hand.focus : this.selection.node;
    const next = from < 0 ? 0 : neighbourInDirection(this.#arranged(scene), from, dx, dy);
    hand.focus = next >= 0 ? next : from;
    this.say(describeNode(scene, picture, hand.focus, this.cards.describe(hand.focus)));
    this.invalidate();
  }

  /** Tells readers of the screen. @param {string} text */
  say(text) {
    this.live.textContent = text;
  }
}

/** A line that is read out but not seen. @param {HTMLElement} host */
function hiddenLine(host) {
  const line = document.createElement("p");
  line.id = "stage-say";
  line.setAttribute("aria-live", "polite");
  line.style.cssText = "position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)";
  host.append(line);
  return line;
}
