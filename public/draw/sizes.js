// How large things on the stage are drawn.

/** From this side on, in device pixels, a cell shows a shape and must be whole. */
export const minWholeCell = 3;

/**
 * A node's radius: what its neighbours leave room for, and smaller in company.
 * @param {number} n @param {number} spacing @param {number} scale
 */
export function nodeRadius(n, spacing, scale) {
  const alone = Math.max(4, 28 - 4 * Math.log2(Math.max(2, n / 4)));
  return Math.max(1.5, Math.min(0.38 * spacing, alone * scale));
}
