// The sequence view: the run's latest stretch as a space-time diagram. Each
// node has a lane, time runs down to the present, packets slant from lane to
// lane. All of it comes from the journal; nothing is known of the future.

import { niceStep } from "../chart.js";
import { DOOMED, drawDoings, drawEnd, drawLanes, drawMarks, drawSquare, drawTime, FLYING, inOrder, lineOf, nearestPassage, rowsShown } from "./lanes.js";
import { describePassage } from "./names.js";
import { useFont, widthOf } from "./texts.js";
import { language, readTheme, watchTheme } from "./theme.js";

/**
 * As the engine sends it; wasm/api/sequence.go says what the numbers mean.
 * @typedef {object} Sequence
 * @property {"sequence"} frame
 * @property {number} from @property {number} now @property {number} span in microseconds
 * @property {Float64Array} id @property {Uint32Array} sender @property {Uint32Array} receiver
 * @property {Float64Array} sent @property {Float64Array} end
 * @property {Uint8Array} kind @property {Uint8Array} fate @property {Uint8Array} copy
 * @property {Uint32Array} span_node @property {Float64Array} span_from @property {Float64Array} span_to @property {Uint8Array} span_doing
 * @property {Uint32Array} mark_node @property {Float64Array} mark_at @property {Uint8Array} mark_kind
 */
/** @typedef {import("./frames.js").Scene} Scene */
/** @typedef {import("./lanes.js").Box} Box */

const maxLettered = 120; // with more packets only the chosen one has its letter

const words = {
  label: {
    en: "Sequence: a lane for each node, time runs down. Arrow keys go from packet to packet, Enter chooses.",
    zh: "时序图：每个节点一条竖线，时间自上而下。方向键在消息间移动，回车键选中。",
  },
  empty: { en: "Nothing was sent in this stretch of time.", zh: "这段时间内没有发送消息。" },
  order: { en: "All at one instant: from top to bottom in order.", zh: "都发生在同一瞬间：自上而下按先后排列。" },
  crowd: { en: "Too many nodes for a sequence view: 64 at most.", zh: "节点太多，时序图最多显示 64 个节点。" },
};

export class SequenceView {
  /**
   * @param {HTMLElement} host
   * @param {{onpick: (id: number) => void, say: (text: string) => void}} events
   */
  constructor(host, events) {
    this.host = host;
    this.events = events;
    this.canvas = document.createElement("canvas");
    this.canvas.style.cssText = "display:block;position:absolute;inset:0;width:100%;height:100%;touch-action:manipulation";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    host.append(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Sequence | null} */
    this.data = null;
    this.ordered = false; // data has rows in place of instants
    this.now = 0; // of the latest picture: a little later than the data's
    this.picked = 0;
    this.focus = 0; // the packet that the keyboard is at
    this.hover = 0;
    this.pending = false;
    this.theme = readTheme();
    watchTheme(() => this.#restyle());
    this.#restyle();
    new ResizeObserver(() => this.invalidate()).observe(host);
    this.canvas.addEventListener("click", (e) => this.#click(e));
    this.canvas.addEventListener("pointermove", (e) => this.#point(e));
    this.canvas.addEventListener("pointerleave", () => this.#hover(0));
    this.canvas.addEventListener("keydown", (e) => this.#key(e));
  }

  #restyle() {
    this.theme = readTheme();
    this.canvas.setAttribute("aria-label", words.label[language()]);
    this.invalidate();
  }

  /** @param {Scene} scene */
  setScene(scene) {
    this.scene = scene;
    this.data = null;
    this.picked = this.focus = this.hover = 0;
    this.invalidate();
  }

  /** @param {Sequence} data */
  setData(data) {
    const ordered = inOrder(data);
    this.ordered = ordered !== null;
    this.data = ordered ?? data;
    this.now = data.now;
    this.invalidate();
  }

  /** @param {number} now microseconds */
  setNow(now) {
    if (!this.data || now === this.now) return;
    if (now < this.now) this.data = null; // scrubbed back: what was drawn has not happened yet
    this.now = now;
    this.invalidate();
  }

  /** @param {number} packet 0 for none */
  select(packet) {
    this.picked = packet;
    this.invalidate();
  }

  invalidate() {
    if (this.pending || this.host.clientHeight < 40) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  /** @returns {Box | null} */
  #box() {
    const { scene, data, theme } = this;
    if (!scene || !data) return null;
    const [w, h, s] = [this.host.clientWidth, this.host.clientHeight, theme.scale];
    const left = 58 * s;
    const step = (w - left - 8 * s) / scene.nodes;
    const [top, bottom] = [30 * s, h - 16 * s];
    const { from, to } = this.ordered ? rowsShown(data.id.length, bottom - top, s) : { from: this.now - data.span, to: this.now };
    return { top, bottom, left: left + step / 2, right: w - 4 * s, step, from, to };
  }

  draw() {
    const { canvas, context: c, scene, data, theme } = this;
    const [w, h] = [this.host.clientWidth, this.host.clientHeight];
    const dpr = window.devicePixelRatio || 1;
    if (w < 40 || h < 40) return; // folded away
    if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr)) {
      canvas.width = Math.round(w * dpr);
      canvas.height = Math.round(h * dpr);
    }
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    c.fillStyle = theme.paper;
    c.fillRect(0, 0, w, h);
    useFont(c, `${Math.round(12 * theme.scale)}px ${theme.font}`);
    const box = this.#box();
    if (!scene || !data || !box) {
      if (scene && scene.nodes > 64) this.#sentence(words.crowd[language()], w / 2, h / 2);
      return;
    }
    drawLanes(c, theme, scene, box);
    if (this.ordered) this.#sentence(words.order[language()], w / 2, h - 8 * theme.scale);
    else drawTime(c, theme, box, niceStep((box.to - box.from) / Math.max(2, (box.bottom - box.top) / (44 * theme.scale))));
    c.save();
    c.beginPath();
    c.rect(0, box.top, w, h - box.top);
    c.clip();
    drawDoings(c, theme, data, box);
    this.#packets(box);
    drawMarks(c, theme, data, box);
    c.restore();
    c.strokeStyle = theme.accent;
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(box.left - box.step / 2, box.bottom);
    c.lineTo(w, box.bottom);
    c.stroke();
    if (data.id.length === 0) this.#sentence(words.empty[language()], box.left - box.step / 2 + (w - box.left + box.step / 2) / 2, (box.top + box.bottom) / 2);
  }

  /** @param {string} text @param {number} x @param {number} y */
  #sentence(text, x, y) {
    const { context: c, theme } = this;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillStyle = theme.paper;
    c.fillRect(x - widthOf(c, text) / 2 - 4, y - 10, widthOf(c, text) + 8, 20);
    c.fillStyle = theme.muted;
    c.fillText(text, x, y);
  }

  /** @param {Box} box */
  #packets(box) {
    const { context: c, theme, scene, data } = this;
    if (!scene || !data) return;
    const crowded = data.id.length > maxLettered;
    const size = 14 * theme.scale;
    const lines = Array.from(data.id, (_, i) => lineOf(data, i, box));
    for (let i = 0; i < data.id.length; i++) {
      const line = lines[i];
      if (line.y1 < box.top) continue;
      const kind = scene.kinds[data.kind[i]];
      const color = theme.color(kind?.color ?? "data");
      const chosen = [this.picked, this.focus, this.hover].includes(data.id[i]);
      c.strokeStyle = color;
      c.lineWidth = chosen ? 3 : crowded ? 1 : 1.5;
      c.setLineDash(data.copy[i] ? [5, 4] : []);
      c.beginPath();
      c.moveTo(line.x0, line.y0);
      c.lineTo(line.x1, line.y1);
      c.stroke();
      c.setLineDash([]);
      drawEnd(c, data.fate[i], color, line, (crowded ? 2.5 : 4) * theme.scale);
      if (chosen) {
        c.strokeStyle = data.id[i] === this.picked ? theme.accent : theme.ink;
        c.lineWidth = 1.5;
        c.strokeRect(line.x0 - 4, line.y0 - 4, 8, 8);
      }
    }
    // The letters lie over all lines, and never over each other: the newest first.
    /** @type {[number, number][]} */
    const placed = [];
    for (let i = data.id.length - 1; i >= 0; i--) {
      const line = lines[i];
      if (line.y1 < box.top || (crowded && ![this.picked, this.focus, this.hover].includes(data.id[i]))) continue;
      const kind = scene.kinds[data.kind[i]];
      const [x, y] = data.fate[i] === FLYING || data.fate[i] === DOOMED ? [line.x1, line.y1] : [line.x0 + (line.x1 - line.x0) * 0.3, line.y0 + (line.y1 - line.y0) * 0.3];
      if (placed.some(([px, py]) => Math.abs(px - x) < size && Math.abs(py - y) < size)) continue;
      placed.push([x, y]);
      drawSquare(c, theme, kind?.mark ?? "", theme.color(kind?.color ?? "data"), data.copy[i] === 1, x, y, size);
    }
  }

  /** @param {MouseEvent} e @param {number} reach */
  #packetAt(e, reach) {
    const box = this.#box();
    const place = this.canvas.getBoundingClientRect();
    return box && this.data ? nearestPassage(this.data, box, e.clientX - place.left, e.clientY - place.top, reach) : 0;
  }

  /** @param {MouseEvent} e */
  #click(e) {
    this.focus = 0;
    this.#pick(this.#packetAt(e, e instanceof PointerEvent && e.pointerType === "touch" ? 22 : 9));
  }

  /** @param {number} id 0 for none */
  #pick(id) {
    if (id === 0) return;
    this.#tell(id);
    this.events.onpick(id);
  }

  /** @param {PointerEvent} e */
  #point(e) {
    if (e.pointerType !== "touch") this.#hover(this.#packetAt(e, 9));
  }

  /** @param {number} id */
  #hover(id) {
    if (id === this.hover) return;
    this.hover = id;
    this.canvas.style.cursor = id ? "pointer" : "default";
    const i = this.data?.id.indexOf(id) ?? -1;
    this.canvas.title = this.scene && this.data && i >= 0 ? describePassage(this.scene, this.data, i) : "";
    this.invalidate();
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const { data } = this;
    if (!data || e.ctrlKey || e.metaKey || e.altKey) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
    if (step) {
      const at = data.id.indexOf(this.focus || this.picked);
      const next = at < 0 ? data.id.length - 1 : Math.max(0, Math.min(data.id.length - 1, at + step));
      this.focus = data.id[next] ?? 0;
      this.#tell(this.focus);
      this.invalidate();
    } else if (e.key === "Enter") this.#pick(this.focus);
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** @param {number} id */
  #tell(id) {
    const i = this.data?.id.indexOf(id) ?? -1;
    if (this.scene && this.data && i >= 0) this.events.say(describePassage(this.scene, this.data, i));
  }
}
