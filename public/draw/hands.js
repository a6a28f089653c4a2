// The visitor's hands on the stage: pointer, touch and keyboard, each able to
// reach every node and to pick it.

/** @typedef {import("./stage.js").Stage} Stage */

const touchReach = 22; // half of a comfortable target, in pixels
export const mouseReach = 9;

/**
 * Where the visitor points. The arrow keys move a focus from node to node.
 * @typedef {object} Hand
 * @property {boolean} inside the pointer is over the stage
 * @property {number} x @property {number} y
 * @property {number} reach
 * @property {number} node under the pointer, or -1
 * @property {number} flight index of the packet under the pointer, or -1
 * @property {number} focus the node the keyboard is at, or -1
 */

/** @returns {Hand} */
export function newHand() {
  return { inside: false, x: 0, y: 0, reach: mouseReach, node: -1, flight: -1, focus: -1 };
}

/** @type {Record<string, [number, number]>} */
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Wires a canvas to its stage.
 * @param {HTMLCanvasElement} canvas @param {Stage} stage
 */
export function listen(canvas, stage) {
  const hand = stage.hand;
  /** @param {PointerEvent | MouseEvent} e */
  const point = (e) => {
    const box = canvas.getBoundingClientRect();
    hand.inside = true;
    hand.x = e.clientX - box.left;
    hand.y = e.clientY - box.top;
    if (e instanceof PointerEvent) hand.reach = e.pointerType === "touch" ? touchReach : mouseReach;
    stage.invalidate();
  };
  const leave = () => {
    hand.inside = false;
    hand.node = hand.flight = -1;
    stage.invalidate();
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("pointercancel", leave);
  canvas.addEventListener("click", (e) => {
    point(e);
    hand.focus = -1;
    stage.pickUnderHand();
    if (hand.reach === touchReach) leave(); // a finger does not hover
  });
  canvas.addEventListener("keydown", (e) => {
    const arrow = arrows[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (arrow) stage.moveFocus(arrow[0], arrow[1]);
    else if (e.key === "Enter") stage.pickFocus();
    else if (e.key === "Escape") stage.clear();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  canvas.addEventListener("blur", () => {
    hand.focus = -1;
    stage.invalidate();
  });
}

/**
 * The nearest node in a direction, those straight ahead before those aside; -1 if none.
 * @param {import("./layout.js").Plan} plan
 * @param {number} from @param {number} dx @param {number} dy
 */
export function neighbourInDirection(plan, from, dx, dy) {
  const { x, y } = plan;
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < x.length; i++) {
    const along = (x[i] - x[from]) * dx + (y[i] - y[from]) * dy;
    const aside = Math.abs((x[i] - x[from]) * dy) + Math.abs((y[i] - y[from]) * dx);
    if (along < 0.5 || aside > along * 3 + 0.5) continue;
    const cost = along + 2 * aside;
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

/**
 * The node at a point, or -1.
 * @param {import("./layout.js").Plan} plan @param {number} dpr
 * @param {number} px @param {number} py @param {number} reach beyond the node's rim
 */
export function nodeAt(plan, dpr, px, py, reach) {
  const { x, y, grid, cards } = plan;
  if (cards) {
    for (let i = 0; i < x.length; i++) {
      if (Math.abs(px - x[i]) <= cards.w[i] / 2 && Math.abs(py - y[i]) <= cards.h[i] / 2) return i;
    }
    return -1; // cards are large enough to be hit
  }
  if (grid) {
    const column = Math.floor((px * dpr - grid.left) / grid.cell);
    const row = Math.floor((py * dpr - grid.top) / grid.cell);
    const i = row * grid.columns + column;
    return column >= 0 && column < grid.columns && row >= 0 && i < x.length ? i : -1;
  }
  let best = -1;
  let nearest = (plan.r + reach) ** 2;
  for (let i = 0; i < x.length; i++) {
    const d = (x[i] - px) ** 2 + (y[i] - py) ** 2;
    if (d < nearest) {
      nearest = d;
      best = i;
    }
  }
  return best;
}
