// Commands to the engine, written as CBOR: just what the stage and the
// embed's small transport bar need, and the few frames that the page's scripts
// tell Go themselves. The full page writes its commands in Go.

const utf8 = new TextEncoder();

/** @typedef {string | number | boolean | {[key: string]: Value}} Value */

/**
 * Writes a map of numbers, booleans, texts and such maps.
 * @param {{[key: string]: Value}} map
 * @returns {Uint8Array}
 */
export function encodeCommand(map) {
  /** @type {number[]} */
  const out = [];
  entries(out, map);
  return Uint8Array.from(out);
}

/** @param {number[]} out @param {{[key: string]: Value}} map */
function entries(out, map) {
  const list = Object.entries(map);
  head(out, 5, list.length);
  for (const [key, value] of list) {
    text(out, key);
    if (typeof value === "object") entries(out, value);
    else if (typeof value === "string") text(out, value);
    else if (typeof value === "boolean") out.push(value ? 0xf5 : 0xf4);
    else if (Number.isSafeInteger(value)) head(out, value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
    else float(out, value);
  }
}

/** @param {number[]} out @param {number} major @param {number} n */
function head(out, major, n) {
  if (n < 24) {
    out.push((major << 5) | n);
    return;
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(n));
  const size = n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x100000000 ? 4 : 8;
  out.push((major << 5) | (24 + Math.log2(size)));
  for (let i = 8 - size; i < 8; i++) out.push(view.getUint8(i));
}

/** @param {number[]} out @param {string} s */
function text(out, s) {
  const bytes = utf8.encode(s);
  head(out, 3, bytes.length);
  for (const b of bytes) out.push(b);
}

/** @param {number[]} out @param {number} x */
function float(out, x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  out.push(0xfb);
  for (let i = 0; i < 8; i++) out.push(view.getUint8(i));
}
