// The stage for thousands of nodes and more: pixels, written by hand. Nodes are
// stamped as tiles into one image when they change; each frame copies it and
// puts the packets on top. With too many nodes for shapes, the image has a pixel a
// node and the browser scales it to the stage.

import { drawCuts } from "./cuts.js";
import { placeOf } from "./flights.js";
import { Tiles } from "./shapes.js";
import { minWholeCell } from "./sizes.js";

/** @typedef {import("./stage.js").View} View */

export class Field {
  constructor() {
    this.small = document.createElement("canvas");
    this.context = /** @type {CanvasRenderingContext2D} */ (this.small.getContext("2d", { alpha: false }));
    /** @type {Tiles | null} */
    this.tiles = null;
    /** @type {Uint8Array | null} */
    this.states = null;
    /** @type {ImageData | null} */
    this.image = null;
    this.ground = new Uint32Array(0); // the nodes alone
    this.pixels = new Uint32Array(0); // the image's own pixels
    this.pitch = 0; // pixels a row
    /** @type {number[]} */
    this.kindColors = [];
  }

  /** Size, theme or run have changed: nothing kept holds any more. */
  reset() {
    this.states = null;
    this.image = null;
  }

  /** @param {CanvasRenderingContext2D} c @param {View} view */
  paint(c, view) {
    const grid = /** @type {import("./layout.js").Grid} */ (view.plan.grid);
    if (!this.image) this.#begin(c, view, grid);
    this.#stampChanges(view, grid);
    const image = /** @type {ImageData} */ (/** @type {unknown} */ (this.image));
    this.pixels.set(this.ground);
    if (grid.cell >= minWholeCell) {
      this.#stampPackets(view, image.height);
      c.putImageData(image, 0, 0);
      c.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
      drawCuts(c, view);
      return;
    }
    this.context.putImageData(image, 0, 0);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = view.theme.paper;
    c.fillRect(0, 0, view.w * view.dpr, view.h * view.dpr);
    c.imageSmoothingEnabled = grid.cell < 1; // one pixel for several nodes shows their mean
    c.drawImage(this.small, grid.left, grid.top, grid.columns * grid.cell, grid.rows * grid.cell);
    c.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
    fillPackets(c, view);
    drawCuts(c, view);
  }

  /** @param {CanvasRenderingContext2D} c @param {View} view @param {import("./layout.js").Grid} grid */
  #begin(c, view, grid) {
    const scaled = grid.cell < minWholeCell;
    const width = scaled ? grid.columns : Math.round(view.w * view.dpr);
    const height = scaled ? grid.rows : Math.round(view.h * view.dpr);
    const side = scaled ? 1 : grid.cell;
    if (scaled) {
      this.small.width = width;
      this.small.height = height;
    }
    this.image = c.createImageData(width, height);
    this.pitch = width;
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.tiles = new Tiles(view.theme, view.scene.states, side, Math.max(0.5, side * 0.4));
    this.ground = new Uint32Array(this.pixels.length).fill(this.#colour(view.theme.paper));
    this.kindColors = view.scene.kinds.map((kind) => this.#colour(view.theme.color(kind.color)));
  }

  /** A colour as a pixel of an ImageData. @param {string} css */
  #colour(css) {
    const c = /** @type {Tiles} */ (this.tiles).context;
    c.globalAlpha = 1;
    c.fillStyle = css;
    c.fillRect(0, 0, 1, 1);
    return new Uint32Array(c.getImageData(0, 0, 1, 1).data.buffer)[0];
  }

  /** @param {View} view @param {import("./layout.js").Grid} grid */
  #stampChanges({ picture }, grid) {
    const { ground, pitch } = this;
    const tiles = /** @type {Tiles} */ (this.tiles);
    const now = picture.states;
    const before = this.states?.length === now.length ? this.states : null;
    const scaled = grid.cell < minWholeCell;
    const side = tiles.size;
    if (scaled && !before) {
      // All of a million at once, while a visitor waits for the new size.
      const colours = new Uint32Array(256); // by state byte; an opaque pixel is never 0
      for (let i = 0; i < now.length; i++) ground[i] = colours[now[i]] ||= tiles.get(now[i])[0];
      this.states = now.slice();
      return;
    }
    for (let i = 0; i < now.length; i++) {
      const bits = now[i];
      if (before && before[i] === bits) continue;
      const tile = tiles.get(bits);
      if (scaled) {
        ground[i] = tile[0];
        continue;
      }
      let at = (grid.top + Math.floor(i / grid.columns) * side) * pitch + grid.left + (i % grid.columns) * side;
      for (let row = 0, from = 0; row < side; row++, at += pitch) {
        for (let k = 0; k < side; k++) ground[at + k] = tile[from++];
      }
    }
    if (before) before.set(now);
    else this.states = now.slice();
  }

  /** @param {View} view @param {number} height of the image */
  #stampPackets({ picture: p, plan, dpr, scene }, height) {
    const { pixels, pitch, kindColors } = this;
    const side = pixelSide(scene.nodes, dpr);
    const half = side / 2;
    for (let i = 0; i < p.from.length; i++) {
      const at = placeOf(p, plan, i);
      const left = (at.x * dpr - half) | 0;
      const top = (at.y * dpr - half) | 0;
      if (left < 0 || top < 0 || left + side > pitch || top + side > height) continue;
      const color = kindColors[p.kind[i]];
      for (let row = top; row < top + side; row++) {
        const from = row * pitch + left;
        for (let k = 0; k < side; k++) pixels[from + k] = color;
      }
    }
  }
}

/** @param {number} nodes @param {number} dpr */
function pixelSide(nodes, dpr) {
  return Math.round((nodes < 20_000 ? 3 : 2) * dpr);
}

/** Packets over a scaled field. @param {CanvasRenderingContext2D} c @param {View} view */
function fillPackets(c, { picture: p, plan, theme, scene, dpr }) {
  const side = pixelSide(scene.nodes, dpr) / dpr;
  scene.kinds.forEach((kind, k) => {
    c.fillStyle = theme.color(kind.color);
    for (let i = 0; i < p.from.length; i++) {
      if (p.kind[i] !== k) continue;
      const at = placeOf(p, plan, i);
      c.fillRect(at.x, at.y, side, side);
    }
  });
}
