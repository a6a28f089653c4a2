// Starts an engine: fetches and compiles its family's program once, while
// telling how far it is, and runs it in a worker. The page and the embed both
// begin here.

/** @typedef {import("./draw/frames.js").Text} Text */

const words = {
  file: {
    en: "Opened from a file, the browser does not let this page load its engine. Serve the folder (./build.sh serve) or open it from a web address.",
    zh: "直接打开本地文件时，浏览器不允许本页载入引擎。请用 ./build.sh serve 启动本地服务，或通过网址打开。",
  },
  wasm: {
    en: "This browser cannot run WebAssembly, or it is switched off. Any current Firefox, Chrome, Edge or Safari can.",
    zh: "此浏览器不支持 WebAssembly，或该功能已被关闭。请使用新版 Firefox、Chrome、Edge 或 Safari。",
  },
  worker: {
    en: "This browser does not allow background workers, which the engine needs. A private window or a strict setting may be the cause.",
    zh: "此浏览器不允许后台线程（Worker），而引擎需要它。可能与无痕模式或严格的安全设置有关。",
  },
  canvas: {
    en: "This browser cannot draw on a canvas, which the stage needs.",
    zh: "此浏览器不支持画布（canvas），无法显示演示区。",
  },
  fetch: {
    en: "The engine could not be loaded. Check the connection, then reload. Without one, labs work that were opened here before.",
    zh: "引擎载入失败。请检查网络连接，然后重新载入。离线时，以前在这里打开过的实验仍然可用。",
  },
  compile: {
    en: "The engine was loaded but could not be compiled. The file may be incomplete: reload; if that does not help, empty the browser's cache.",
    zh: "引擎已下载，但无法编译。文件可能不完整：请重新载入；若仍不行，请清空浏览器缓存。",
  },
  crash: {
    en: "The engine stopped unexpectedly. Reload to open the same run again.",
    zh: "引擎意外停止。重新载入即可再次打开同一次运行。",
  },
};

/** An Error with a sentence for the visitor and the technical detail beside it. */
export class StartError extends Error {
  /** @param {keyof typeof words} what @param {unknown} [detail] */
  constructor(what, detail) {
    super(words[what].en);
    /** @type {Text} */
    this.text = words[what];
    this.what = what;
    this.detail = detail === undefined ? "" : detail instanceof Error ? detail.message : String(detail);
  }
}

/** Throws a StartError for the first thing that this browser lacks. */
export function checkBrowser() {
  if (location.protocol === "file:") throw new StartError("file");
  if (typeof WebAssembly !== "object") throw new StartError("wasm");
  if (typeof Worker !== "function") throw new StartError("worker");
  if (!document.createElement("canvas").getContext("2d")) throw new StartError("canvas");
}

/**
 * @typedef {object} Engine
 * @property {string} family whose labs it plays
 * @property {(command: Uint8Array) => void} post sends a Command; its buffer is handed over
 * @property {() => void} end nothing more is heard of it
 */

/**
 * @param {object} options
 * @param {string} options.family
 * @param {string} [options.link] the run to open, as a link without "#"; without one it waits for a Command
 * @param {Promise<unknown>} [options.ready] what must have come before the first frame
 * @param {(loaded: number, total: number) => void} options.onprogress bytes; total is 0 when unknown
 * @param {(frame: Uint8Array) => void} options.onframe
 * @param {(error: StartError) => void} options.onfail the engine stopped after it had started
 * @returns {Promise<Engine>}
 */
export async function startEngine({ family, link, ready, onprogress, onframe, onfail }) {
  checkBrowser();
  let /** @type {Worker} */ worker;
  try {
    worker = new Worker(new URL("worker.js", import.meta.url));
  } catch (e) {
    throw new StartError("worker", e);
  }
  worker.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) onframe(new Uint8Array(data));
    else onfail(new StartError("crash", data.crash));
  };
  worker.onerror = (e) => onfail(new StartError("crash", e.message));
  const end = () => {
    worker.onmessage = worker.onerror = null;
    worker.terminate();
  };
  try {
    const [module] = await Promise.all([program(family, onprogress), ready]);
    worker.postMessage({ module, link });
  } catch (e) {
    end();
    throw e;
  }
  return {
    family,
    post(command) {
      const whole = command.byteLength === command.buffer.byteLength ? command : command.slice();
      worker.postMessage(whole.buffer, [whole.buffer]);
    },
    end,
  };
}

/** @type {Map<string, Promise<WebAssembly.Module>>} by family */
const programs = new Map();

/**
 * A family's program, fetched and compiled once. What failed is tried anew.
 * @param {string} family @param {(loaded: number, total: number) => void} [onprogress]
 */
export function program(family, onprogress = () => {}) {
  let module = programs.get(family);
  if (!module) {
    module = compile(new URL(`page-${family}.wasm`, import.meta.url), onprogress);
    programs.set(family, module);
    module.catch(() => programs.delete(family));
  }
  return module;
}

/** The frame that tells of all labs, of every family. @returns {Promise<Uint8Array>} */
export async function catalogue() {
  const response = await get(new URL("catalogue.cbor", import.meta.url));
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {URL} url */
async function get(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (e) {
    throw new StartError("fetch", e);
  }
  if (!response.ok || !response.body) throw new StartError("fetch", `${response.status} ${response.statusText} ${url.pathname}`);
  return response;
}

/**
 * Compiles while downloading. The response is wrapped to count its bytes and
 * to give it the right type, which not every static host sends.
 * @param {URL} url @param {(loaded: number, total: number) => void} onprogress
 */
async function compile(url, onprogress) {
  const response = await get(url);
  // With compression the announced length is not that of what we read.
  const total = response.headers.get("content-encoding") ? 0 : Number(response.headers.get("content-length"));
  let loaded = 0;
  const counted = /** @type {ReadableStream<Uint8Array>} */ (response.body).pipeThrough(
    new TransformStream({
      transform(chunk, out) {
        loaded += chunk.byteLength;
        onprogress(loaded, total);
        out.enqueue(chunk);
      },
    }),
  );
  const wrapped = new Response(counted, { headers: { "content-type": "application/wasm" } });
  try {
    if (WebAssembly.compileStreaming) return await WebAssembly.compileStreaming(wrapped);
    return await WebAssembly.compile(await wrapped.arrayBuffer());
  } catch (e) {
    throw new StartError("compile", e);
  }
}
