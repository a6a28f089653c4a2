// The epidemic curves: what the run measured, solid, over what theory expects,
// dashed. Their names stand above, each behind a piece of its line: beside the
// lines' ends, long ones would be cut off or squeeze the curves.

import { language, readTheme, say, watchTheme } from "./draw/theme.js";

/** @typedef {import("./draw/frames.js").Series} Series */

const words = {
  us: { en: "seconds", zh: "秒" },
  cycles: { en: "cycles", zh: "周期" },
  empty: { en: "Curves appear once the run has begun.", zh: "运行开始后，这里会出现曲线。" },
  theory: { en: "dashed: theory", zh: "虚线：理论值" },
  label: { en: "Curves over time", zh: "随时间变化的曲线" },
};

export class Chart {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.canvas = document.createElement("canvas");
    this.canvas.style.cssText = "display:block;position:absolute;inset:0;width:100%;height:100%";
    this.canvas.setAttribute("role", "img");
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    host.append(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {Series | null} */
    this.series = null;
    this.now = 0; // microseconds
    this.theme = readTheme();
    this.pending = false;
    watchTheme(() => {
      this.theme = readTheme();
      this.invalidate();
    });
    new ResizeObserver(() => this.invalidate()).observe(host);
  }

  clear() {
    this.series = null;
    this.invalidate();
  }

  /** @param {Series} series */
  setSeries(series) {
    this.series = series;
    this.canvas.setAttribute("aria-label", `${words.label[language()]}: ${series.curves.map((c) => say(c.label)).join(", ")}`);
    this.invalidate();
  }

  /** Moves the time cursor. @param {number} now microseconds */
  setNow(now) {
    if (now === this.now) return;
    this.now = now;
    if (this.series) this.invalidate();
  }

  invalidate() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    const { canvas, context: c, theme, series } = this;
    const w = this.host.clientWidth;
    const h = this.host.clientHeight;
    const dpr = window.devicePixelRatio || 1;
    if (w < 40 || h < 40) return; // folded away
    canvas.width = Math.round(w * dpr);
    canvas.height = Math.round(h * dpr);
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    const size = Math.round(12 * theme.scale);
    c.font = `${size}px ${theme.font}`;
    c.textBaseline = "middle";
    if (!series || series.x.length === 0) {
      c.fillStyle = theme.muted;
      c.textAlign = "center";
      c.fillText(words.empty[language()], w / 2, h / 2);
      return;
    }
    const toUnit = series.x_unit === "us" ? 1e-6 : 1;
    const shown = eventful(series);
    const last = series.x[shown - 1];
    const names = nameCurves(series.curves);
    const yMax = series.y_max > 0 ? series.y_max : 1;
    const left = Math.max(...yTicks(yMax).map((y) => c.measureText(tick(y)).width), 16) + 12;
    const bottom = h - size * 2 - 2;
    const top = this.#key(series.curves, names, w, size) + 0.75 * size;
    const box = { left, top: Math.min(top, bottom - size), right: w - 16, bottom };
    /** @param {number} x */
    const px = (x) => box.left + ((x - series.x[0]) / (last - series.x[0] || 1)) * (box.right - box.left);
    /** @param {number} y */
    const py = (y) => box.bottom - (y / yMax) * (box.bottom - box.top);

    this.#axes(box, px, py, series.x[0] * toUnit, last * toUnit, toUnit, yMax, size);
    for (const curve of series.curves) {
      line(c, curve, series.x.subarray(0, shown), px, py, theme.color(curve.color), theme.scale);
    }
    const now = this.now / series.x_micros;
    if (now <= last) {
      c.strokeStyle = theme.accent;
      c.lineWidth = 1.5;
      c.beginPath();
      c.moveTo(px(now), box.top - 4);
      c.lineTo(px(now), box.bottom);
      c.stroke();
    }
  }

  /**
   * The curves' names, in as many lines as they need.
   * @param {import("./draw/frames.js").Curve[]} curves @param {string[]} names "" for none
   * @param {number} w @param {number} size
   * @returns {number} where it ends
   */
  #key(curves, names, w, size) {
    const { context: c, theme } = this;
    const dash = 1.5 * size;
    const named = curves.flatMap((curve, i) => (names[i] ? [{ curve, name: shorten(c, names[i], w - 32 - dash) }] : []));
    const places = flow(named.map(({ name }) => dash + c.measureText(name).width + size), 16, w - 8);
    const rowHeight = size + 4;
    c.textAlign = "left";
    named.forEach(({ curve, name }, i) => {
      const x = places[i].x;
      const y = (places[i].row + 0.5) * rowHeight;
      c.fillStyle = theme.color(curve.color);
      if (curve.theory) for (const part of [0, 0.42, 0.84]) c.fillRect(x + part * size, y - 1, 0.26 * size, 2);
      else c.fillRect(x, y - 1, 1.1 * size, 2);
      c.fillStyle = theme.ink;
      c.fillText(name, x + dash, y + 0.5);
    });
    return places.length > 0 ? (places[places.length - 1].row + 1) * rowHeight : 0;
  }

  /**
   * @param {{left: number, top: number, right: number, bottom: number}} box
   * @param {(x: number) => number} px @param {(y: number) => number} py
   * @param {number} from @param {number} to in the axis's unit @param {number} toUnit
   * @param {number} yMax @param {number} size
   */
  #axes(box, px, py, from, to, toUnit, yMax, size) {
    const { context: c, theme, series } = this;
    c.strokeStyle = theme.line;
    c.fillStyle = theme.muted;
    c.lineWidth = 1;
    c.textAlign = "right";
    c.beginPath();
    for (const y of yTicks(yMax)) {
      const at = Math.round(py(y)) + 0.5;
      c.moveTo(box.left, at);
      c.lineTo(box.right, at);
      c.fillText(tick(y), box.left - 6, at);
    }
    c.stroke();
    c.textAlign = "center";
    const unit = words[series?.x_unit === "us" ? "us" : "cycles"][language()];
    const unitWidth = c.measureText(unit).width;
    const y = box.bottom + size;
    const step = niceStep((to - from) / Math.max(2, (box.right - box.left) / 40));
    for (let x = Math.ceil(from / step) * step; x <= to; x += step) {
      const at = px(x / toUnit);
      if (at < box.right - unitWidth - 12) c.fillText(tick(x), at, y);
    }
    c.textAlign = "right";
    c.fillText(unit, box.right, y);
  }
}

/**
 * How many of the points are worth showing: all that was measured, and what is
 * expected until it has come to rest. The flat rest would squeeze the story.
 * @param {Series} series
 */
export function eventful({ x, curves, y_max }) {
  let last = 0;
  for (const { y, theory } of curves) {
    let i = y.length - 1;
    while (i > 0 && !Number.isFinite(y[i])) i--;
    const rest = y[i];
    if (theory) while (i > 0 && !(Math.abs(y[i] - rest) > 0.005 * y_max)) i--;
    last = Math.max(last, i);
  }
  return Math.min(x.length, Math.round((last + 1) * 1.1) + 1);
}

/**
 * The curves' names. An expected curve in a measured one's colour needs none
 * of its own: the first of them says what dashes mean, for all.
 * @param {import("./draw/frames.js").Curve[]} curves
 */
export function nameCurves(curves) {
  const measured = new Set(curves.filter((c) => !c.theory).map((c) => c.color));
  let said = false;
  return curves.map((curve) => {
    if (!curve.theory || !measured.has(curve.color)) return say(curve.label);
    if (said) return "";
    said = true;
    return words.theory[language()];
  });
}

/**
 * Draws one curve, leaving gaps where it has no value.
 * @param {CanvasRenderingContext2D} c @param {import("./draw/frames.js").Curve} curve @param {Float64Array} xs
 * @param {(x: number) => number} px @param {(y: number) => number} py @param {string} color @param {number} scale
 */
function line(c, curve, xs, px, py, color, scale) {
  let open = false;
  c.strokeStyle = color;
  c.lineWidth = (curve.theory ? 1.5 : 2) * scale;
  c.lineJoin = "round";
  c.setLineDash(curve.theory ? [5, 4] : []);
  c.beginPath();
  for (let i = 0; i < xs.length; i++) {
    const y = curve.y[i];
    if (!Number.isFinite(y)) {
      open = false;
      continue;
    }
    if (open) c.lineTo(px(xs[i]), py(y));
    else c.moveTo(px(xs[i]), py(y));
    open = true;
  }
  c.stroke();
  c.setLineDash([]);
}

/**
 * Sets words side by side, and on the next line when one has no room left.
 * @param {number[]} widths @param {number} left @param {number} right
 * @returns {{x: number, row: number}[]}
 */
export function flow(widths, left, right) {
  let x = left;
  let row = 0;
  return widths.map((width) => {
    if (x > left && x + width > right) {
      x = left;
      row++;
    }
    const place = { x, row };
    x += width;
    return place;
  });
}

/** @param {number} yMax */
const yTicks = (yMax) => [0, yMax / 2, yMax];

/** The smallest of 1, 2, 5, 10, ... that is not below x. @param {number} x */
export function niceStep(x) {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  for (const m of [1, 2, 5]) if (m * power >= x * 0.999999) return m * power;
  return 10 * power;
}

/** A number at an axis: short. @param {number} x */
function tick(x) {
  if (x >= 1e6) return `${+(x / 1e6).toPrecision(3)}M`;
  if (x >= 1e4) return `${+(x / 1e3).toPrecision(3)}k`;
  return `${+x.toPrecision(3)}`;
}

/** @param {CanvasRenderingContext2D} c @param {string} text @param {number} width */
function shorten(c, text, width) {
  if (c.measureText(text).width <= width) return text;
  let n = text.length;
  while (n > 1 && c.measureText(`${text.slice(0, n)}…`).width > width) n--;
  return `${text.slice(0, n)}…`;
}
