// Cuts: between two nodes that cannot reach each other runs a broken line with
// a bar across its middle. If only one direction is cut, an arrow runs into the bar.

/** @param {CanvasRenderingContext2D} c @param {import("./stage.js").View} view */
export function drawCuts(c, { picture, plan, theme }) {
  const { cut_from: from, cut_to: to } = picture;
  if (from.length === 0) return;
  const pairs = new Set();
  const nodes = plan.x.length;
  for (let i = 0; i < from.length; i++) pairs.add(from[i] * nodes + to[i]);
  c.strokeStyle = theme.color("warn");
  c.lineWidth = 1.5;
  // A partition cuts hundreds of pairs: faint lines then, so that nodes stay in front.
  c.globalAlpha = Math.max(0.12, Math.min(1, 12 / Math.sqrt(from.length * 4)));
  for (let i = 0; i < from.length; i++) {
    const [a, b] = [from[i], to[i]];
    if (a >= nodes || b >= nodes) continue;
    const both = pairs.has(b * nodes + a);
    if (both && a > b) continue;
    drawCut(c, plan.x[a], plan.y[a], plan.x[b], plan.y[b], plan.r + 3, both);
  }
  c.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} c
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 * @param {number} rim where the line starts and ends @param {boolean} both directions
 */
function drawCut(c, x0, y0, x1, y1, rim, both) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2 * rim) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const bar = 9;
  const stop = both ? rim : length / 2 + 2;
  c.setLineDash([5, 4]);
  c.beginPath();
  c.moveTo(x0 + ux * rim, y0 + uy * rim);
  c.lineTo(x1 - ux * stop, y1 - uy * stop);
  c.stroke();
  c.setLineDash([]);
  c.beginPath();
  c.moveTo(mx - uy * bar, my + ux * bar);
  c.lineTo(mx + uy * bar, my - ux * bar);
  if (!both) {
    c.moveTo(mx - ux * 10 - uy * 5, my - uy * 10 + ux * 5);
    c.lineTo(mx - ux * 3, my - uy * 3);
    c.lineTo(mx - ux * 10 + uy * 5, my - uy * 10 - ux * 5);
  }
  c.stroke();
}
