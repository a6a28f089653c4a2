// The engine's frames, read from CBOR (RFC 8949). Columns (RFC 8746 typed
// arrays) become views of the message's own buffer whenever they are aligned,
// which the engine sees to; so reading a picture of a million nodes copies nothing.
//
// Not done: indefinite lengths, half floats and big numbers; the engine writes none.

/** @typedef {{en: string, zh: string}} Text */
/** @typedef {{name: string, first: number, count: number}} Role */
/** @typedef {{id: string, label: Text, shape: string, color: string}} State */
/** @typedef {{id: string, label: Text, mark: string, color: string, unused?: boolean}} Kind */
/**
 * @typedef {object} Scene
 * @property {"scene"} frame
 * @property {number} nodes
 * @property {Role[]} roles
 * @property {string} layout "ring", "tree" or "columns"
 * @property {State[]} states
 * @property {Kind[]} kinds
 * @property {Uint32Array} edge_from
 * @property {Uint32Array} edge_to
 */
/**
 * @typedef {object} Picture
 * @property {"picture"} frame
 * @property {number} now microseconds of virtual time
 * @property {Uint8Array} states a byte for each node: state index and the bits PAUSED, DOWN
 * @property {Float64Array} id
 * @property {Uint32Array} from
 * @property {Uint32Array} to
 * @property {Float64Array} sent
 * @property {Float64Array} due
 * @property {Uint8Array} kind
 * @property {Uint8Array} lost
 * @property {Uint8Array} copy 1: the network's second packet of one that was sent once
 * @property {number} hidden
 * @property {Uint32Array} cut_from
 * @property {Uint32Array} cut_to
 * @property {number} cuts_hidden
 */
/** @typedef {{id: string, label: Text, color: string, theory: boolean, y: Float64Array}} Curve */
/**
 * @typedef {object} Series
 * @property {"series"} frame
 * @property {string} x_unit "us" or "cycles"
 * @property {number} x_micros microseconds in one unit of x
 * @property {Float64Array} x
 * @property {Curve[]} curves
 * @property {number} y_max
 */

export const STATE_MASK = 0x1f;
export const PAUSED = 0x40;
export const DOWN = 0x80;

const maxDepth = 32;
const typedArrays = new Map([[64, 1], [70, 4], [86, 8]]); // tag -> bytes an element
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads one CBOR item after another from a message. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.major = 0;
  }

  /** @param {string} what @returns {Error} */
  error(what) {
    return new Error(`frame: ${what} at byte ${this.at} of ${this.bytes.length}`);
  }

  /** @param {number} n */
  need(n) {
    if (n > this.bytes.length - this.at) throw this.error(`expected ${n} more bytes`);
  }

  /** Reads an item's head; leaves the major type in this.major. @returns {number} the argument's 5 bits */
  initial() {
    this.need(1);
    const b = this.bytes[this.at++];
    this.major = b >> 5;
    return b & 31;
  }

  /** The argument that the 5 bits of a head announce. @param {number} info @returns {number} */
  argument(info) {
    if (info < 24) return info;
    if (info > 27) throw this.error(`length code ${info} is not supported`);
    const size = 1 << (info - 24);
    this.need(size);
    const at = this.at;
    this.at += size;
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at);
    if (size === 4) return this.view.getUint32(at);
    return Number(this.view.getBigUint64(at));
  }

  /** @param {number} n @returns {Uint8Array} */
  take(n) {
    this.need(n);
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  /** @param {number} depth @returns {any} */
  item(depth) {
    if (depth > maxDepth) throw this.error(`nested deeper than ${maxDepth}`);
    const info = this.initial();
    const major = this.major;
    if (major === 7) return this.simple(info);
    const n = this.argument(info);
    switch (major) {
      case 0: return n;
      case 1: return -1 - n;
      case 2: return this.take(n);
      case 3: return this.text(n);
      case 4: {
        this.need(n); // an element has at least one byte: a huge count costs nothing
        const list = [];
        for (let i = 0; i < n; i++) list.push(this.item(depth + 1));
        return list;
      }
      case 5: return this.map(n, depth);
      default: return this.tagged(n, depth);
    }
  }

  /** @param {number} n @returns {string} */
  text(n) {
    const bytes = this.take(n);
    if (n < 20) {
      // Most texts are a few letters of ASCII, for which a decoder is slow.
      let text = "";
      for (let i = 0; i < n && bytes[i] < 0x80; i++) text += String.fromCharCode(bytes[i]);
      if (text.length === n) return text;
    }
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.error("text is not UTF-8");
    }
  }

  /** @param {number} n @param {number} depth */
  map(n, depth) {
    this.need(2 * n);
    const map = Object.create(null);
    for (let i = 0; i < n; i++) {
      const key = this.item(depth + 1);
      if (typeof key !== "string" && typeof key !== "number") throw this.error("a map's key must be text or a number");
      map[key] = this.item(depth + 1);
    }
    return map;
  }

  /** @param {number} tag @param {number} depth */
  tagged(tag, depth) {
    const size = typedArrays.get(tag);
    if (!size) return this.item(depth + 1); // 55799 is padding; others add no meaning we use
    const info = this.initial();
    if (this.major !== 2) throw this.error(`tag ${tag} must stand before bytes`);
    const bytes = this.take(this.argument(info));
    if (bytes.length % size) throw this.error(`tag ${tag} got ${bytes.length} bytes, expected a multiple of ${size}`);
    if (size === 1) return bytes;
    const aligned = bytes.byteOffset % size ? bytes.slice() : bytes;
    const Column = size === 4 ? Uint32Array : Float64Array;
    return new Column(/** @type {ArrayBuffer} */ (aligned.buffer), aligned.byteOffset, bytes.length / size);
  }

  /** @param {number} info */
  simple(info) {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22 || info === 23) return null;
    if (info !== 26 && info !== 27) throw this.error(`simple value ${info} is not supported`);
    const bytes = this.take(info === 26 ? 4 : 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return info === 26 ? view.getFloat32(0) : view.getFloat64(0);
  }
}

/**
 * Reads a whole message.
 * @param {Uint8Array} bytes
 * @returns {any}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw reader.error("the message goes on after its end");
  return value;
}

/**
 * The frame's name, without reading the rest: the engine writes it first.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function frameName(bytes) {
  const reader = new Reader(bytes);
  reader.argument(reader.initial());
  if (reader.major !== 5) throw reader.error("expected a map");
  if (reader.item(1) !== "frame") throw reader.error('expected "frame" as the first key');
  const name = reader.item(1);
  if (typeof name !== "string") throw reader.error("expected the frame's name");
  return name;
}

/**
 * Reads one of the frames that are drawn, and checks that its columns agree.
 * @param {Uint8Array} bytes
 * @returns {Scene | Picture | Series | import("./cards.js").CardsFrame | import("./sequence.js").Sequence}
 */
export function decodeBulk(bytes) {
  const frame = decode(bytes);
  switch (frame.frame) {
    case "scene":
      sameLength(frame, ["edge_from", "edge_to"]);
      break;
    case "picture":
      sameLength(frame, ["id", "from", "to", "sent", "due", "kind", "lost", "copy"]);
      sameLength(frame, ["cut_from", "cut_to"]);
      break;
    case "cards":
      break;
    case "sequence":
      sameLength(frame, ["id", "sender", "receiver", "sent", "end", "kind", "fate", "copy"]);
      sameLength(frame, ["span_node", "span_from", "span_to", "span_doing"]);
      sameLength(frame, ["mark_node", "mark_at", "mark_kind"]);
      break;
    case "series":
      for (const curve of frame.curves) {
        if (curve.y.length !== frame.x.length) {
          throw new Error(`frame: curve ${curve.id} has ${curve.y.length} values, expected ${frame.x.length}`);
        }
      }
      break;
    default:
      throw new Error(`frame: got "${frame.frame}", expected scene, picture, cards, series or sequence`);
  }
  return frame;
}

/** @param {any} frame @param {string[]} names */
function sameLength(frame, names) {
  const n = frame[names[0]]?.length;
  for (const name of names) {
    if (frame[name]?.length !== n || n === undefined) {
      throw new Error(`frame: column ${name} has ${frame[name]?.length} elements, ${names[0]} has ${n}`);
    }
  }
}
