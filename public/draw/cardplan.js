// Where cards stand: a band for each role, a column or on a tall stage a row;
// later roles may share one. Of all ways to break the bands into lines, the one
// is taken that shows most of every card; the room that is left goes between
// the bands, where the packets fly.

/**
 * What a plan knows of cards. Its x and y are their middles.
 * @typedef {object} Cards
 * @property {Float32Array} w @property {Float32Array} h of each node's card
 * @property {(import("./ways.js").Way | undefined)[]} ways found so far, by sender * nodes + receiver
 * @property {number} zoom of their contents: more than 1 on a stage with room to spare
 * @property {number} stageW @property {number} stageH
 * @property {Lines} lines how the roles are broken, to stay with it
 */
/** @typedef {{w: number, h: number}} Size what a card would like to have, alike for all of a role */
/**
 * How the roles are broken into lines.
 * @typedef {object} Lines
 * @property {boolean} tall bands are rows
 * @property {number[][]} bands the roles of each, by index
 * @property {number[]} lines of each band
 * @property {number} zoom @property {number} gap
 */

/** Of the cards' contents, with the least gap between neighbours, in pixels at scale 1. */
const zooms = [[1, 14], [1, 6], [1.15, 14], [1.3, 14]];
const oneLine = 50; // height of a card in which a line stands below its name, at scale 1
const maxMergedRoles = 6;
const maxTried = 1000; // ways to break the roles into lines

/**
 * @param {import("./frames.js").Scene} scene
 * @param {Size[]} wanted by role
 * @param {number} w @param {number} h of the stage, in CSS pixels
 * @param {number} scale of texts
 * @param {Lines | null} before what stood there until now: kept while it is nearly as good
 * @returns {import("./layout.js").Plan | null} null when cards would be too small to be read
 */
export function cardsPlan(scene, wanted, w, h, scale, before) {
  const kept = JSON.stringify(before);
  /** @type {Layout | null} */
  let best = null;
  /** @type {Layout | null} */
  let present = null;
  for (const bands of partitions(scene.roles.length)) {
    const counts = bands.map((roles) => roles.reduce((sum, r) => sum + scene.roles[r].count, 0));
    const merged = scene.roles.length - bands.length;
    for (const lines of breaks(bands, counts)) {
      for (const tall of [h > w, h <= w]) {
        for (const [zoom, gap] of zooms) {
          const sizes = bands.map((roles) => ({ w: zoom * Math.max(...roles.map((r) => wanted[r].w)), h: zoom * Math.max(...roles.map((r) => wanted[r].h)) }));
          const layout = tryLines(counts, sizes, w, h, scale, { tall, bands, lines, zoom, gap });
          if (!layout || (zoom > 1 && layout.shown < 1)) continue;
          layout.score -= 0.3 * merged;
          if (tall === h > w) layout.score *= 1.05;
          if (before && JSON.stringify(layout.broken) === kept) present = layout;
          if (!best || layout.score > best.score) best = layout;
        }
      }
    }
  }
  if (best && present && present.score * 1.15 >= best.score && !showsMore(best, present)) best = present;
  return best && place(scene, best, w, h);
}

/** Whether a layout is worth a move for what the present one hides: it shows all, or clearly more. @param {Layout} layout @param {Layout} present */
function showsMore(layout, present) {
  return layout.shown > present.shown + (layout.shown > 0.999 ? 0.001 : 0.1);
}

/** The ways to put roles into bands, in their order. The first, who calls, has one to itself. @param {number} roles @returns {number[][][]} */
function partitions(roles) {
  /** @type {number[][][]} */
  let all = [[[0]]];
  for (let r = 1; r < roles; r++) {
    all = all.flatMap((bands) => {
      const apart = [...bands, [r]];
      if (bands.length === 1 || roles > maxMergedRoles) return [apart];
      return [apart, [...bands.slice(0, -1), [...bands[bands.length - 1], r]]];
    });
  }
  return all;
}

/** Every way to break each band into a few lines; roles that share one stand in one line. @param {number[][]} bands @param {number[]} counts @returns {number[][]} */
function breaks(bands, counts) {
  /** @type {number[][]} */
  let all = [[]];
  const most = Math.max(1, Math.min(6, Math.floor(maxTried ** (1 / Math.max(1, counts.length)))));
  counts.forEach((count, i) => {
    const last = bands[i].length > 1 ? 1 : Math.min(Math.max(1, count), most);
    all = all.flatMap((start) => Array.from({ length: last }, (_, k) => [...start, k + 1]));
  });
  return all;
}

/**
 * Along is the direction from band to band, across the one from card to card within a line.
 * @typedef {object} Layout
 * @property {Lines} broken @property {Size[]} sizes by band @property {number} score
 * @property {number} shown how much of the cards: 1 is all
 * @property {number} between lines of one band @property {number} across between cards of a line
 * @property {number} fly between bands @property {number} used along
 */

/**
 * @param {number[]} counts @param {Size[]} wanted @param {number} w @param {number} h
 * @param {number} scale @param {Lines} broken
 * @returns {Layout | null}
 */
function tryLines(counts, wanted, w, h, scale, broken) {
  const { tall, lines, zoom, gap } = broken;
  const [least, margin] = [{ w: 84 * scale, h: 30 * scale }, 10 * scale];
  const alone = counts.length === 1; // packets fly between the cards of one band, then
  const between = (alone ? 4 * gap : gap) * scale;
  const across = between;
  const leastFly = (tall ? 44 : 72) * scale;
  const [long, wide] = [(tall ? h : w) - 2 * margin, (tall ? w : h) - 2 * margin];
  const totalLines = lines.reduce((sum, k) => sum + k, 0);
  const gaps = (totalLines - lines.length) * between + (lines.length - 1) * leastFly;
  const asked = lines.reduce((sum, k, i) => sum + k * (tall ? wanted[i].h : wanted[i].w), 0);
  const shrink = Math.min(1, (long - gaps) / asked);
  if (shrink <= 0) return null;
  let [shown, total, used, empty] = [0, 0, 0, 0];
  /** @type {Size[]} */
  const sizes = [];
  for (let i = 0; i < counts.length; i++) {
    const perLine = Math.ceil(counts[i] / lines[i]);
    const share = (wide - (perLine - 1) * across) / perLine;
    const size = tall
      ? { w: Math.min(wanted[i].w, share), h: wanted[i].h * shrink }
      : { w: wanted[i].w * shrink, h: Math.min(wanted[i].h, share) };
    if (counts[i] > 0 && (size.w < least.w || size.h < least.h)) return null;
    if (size.h < Math.min(wanted[i].h, oneLine * scale)) empty += counts[i];
    shown += counts[i] * (size.w / wanted[i].w) * (size.h / wanted[i].h);
    total += counts[i];
    used += lines[i] * (tall ? size.h : size.w) + (lines[i] - 1) * between;
    sizes.push(size);
  }
  const most = (tall ? 220 : 380) * scale;
  const fly = lines.length > 1 ? Math.min(most, (long - used) / (lines.length - 1)) : 0;
  used += (lines.length - 1) * fly;
  shown /= Math.max(1, total);
  // A longer flight is better seen, and so are larger letters; a card of which nothing but the name is left says little.
  const score = shown + 0.3 * Math.min(1, fly / (0.7 * most)) + 0.4 * (zoom - 1) - 0.02 * (totalLines - lines.length)
    - empty / Math.max(1, total) - (gap < 14 ? 0.03 : 0);
  return { broken, sizes, score, shown, between, across, fly, used };
}

/**
 * @param {import("./frames.js").Scene} scene @param {Layout} layout
 * @param {number} w @param {number} h
 * @returns {import("./layout.js").Plan}
 */
function place(scene, { broken, sizes, between, across, fly, used }, w, h) {
  const { tall, lines } = broken;
  const n = scene.nodes;
  const [x, y, cw, ch] = [new Float32Array(n), new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  let at = ((tall ? h : w) - used) / 2;
  broken.bands.forEach((roles, index) => {
    const size = sizes[index];
    const [along, wide] = tall ? [size.h, size.w] : [size.w, size.h];
    const nodes = roles.flatMap((r) => Array.from({ length: scene.roles[r].count }, (_, i) => scene.roles[r].first + i));
    const perLine = Math.ceil(nodes.length / lines[index]);
    const free = (tall ? w : h) - perLine * wide - 20;
    const gap = Math.max(across, Math.min(3 * across, free / Math.max(1, perLine)));
    nodes.forEach((node, i) => {
      if (node >= n) return;
      // Read as a page is: names go on to the right, then down.
      const [line, spot] = tall ? [Math.floor(i / perLine), i % perLine] : [i % lines[index], Math.floor(i / lines[index])];
      const u = at + line * (along + between) + along / 2;
      const v = (tall ? w : h) / 2 + (spot - (perLine - 1) / 2) * (wide + gap);
      [x[node], y[node]] = tall ? [v, u] : [u, v];
      [cw[node], ch[node]] = [size.w, size.h];
    });
    at += lines[index] * along + (lines[index] - 1) * between + fly;
  });
  return {
    x, y, r: 0, spacing: 1000, lx: null, ly: null, captions: [], grid: null,
    cards: { w: cw, h: ch, ways: [], zoom: broken.zoom, stageW: w, stageH: h, lines: broken },
  };
}
