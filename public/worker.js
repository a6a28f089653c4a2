// The engine's worker: Go in its engine role. The page sends {module, link}
// first (no link if a Command is to open the run), then Commands; Go's frames
// go back, each buffer handed over, not copied.

/** @type {any} */
const scope = globalThis;

/** @type {Uint8Array[]} Commands that came before Go was ready. */
const early = [];

/** @type {((bytes: Uint8Array) => void) | null} */
let receive = null;

Object.defineProperty(scope, "grapevineReceive", {
  get: () => receive,
  /** @param {(bytes: Uint8Array) => void} handler */
  set(handler) {
    receive = handler;
    for (const bytes of early.splice(0)) handler(bytes);
  },
});

/** @param {Uint8Array} bytes one frame */
scope.grapevineSend = (bytes) => {
  const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  scope.postMessage(whole.buffer, [whole.buffer]);
};

/** @param {unknown} reason */
function crash(reason) {
  receive = null;
  scope.postMessage({ crash: reason instanceof Error ? reason.message : String(reason) });
}

/** @param {{module: WebAssembly.Module, link?: string}} start */
async function run({ module, link }) {
  scope.grapevineRole = "engine";
  scope.grapevineLink = link;
  const go = new scope.Go();
  // A panic's first line, which Go prints before it stops, is the reason.
  let printed = "";
  const log = console.log;
  console.log = (/** @type {unknown[]} */ ...words) => {
    const line = words.join(" ");
    if (/^(panic|fatal error|runtime: )/.test(line)) printed ||= line;
    log(...words);
  };
  const instance = await WebAssembly.instantiate(module, go.importObject);
  await go.run(instance);
  crash(printed || "the engine stopped");
}

scope.onmessage = (/** @type {MessageEvent} */ event) => {
  if (event.data instanceof ArrayBuffer) {
    const bytes = new Uint8Array(event.data);
    if (receive) receive(bytes);
    else early.push(bytes);
    return;
  }
  run(event.data).catch(crash);
};

scope.importScripts("wasm_exec.js");
