// Runs the headless engine with the arguments that it is sent, and sends each
// line that the engine prints, and when.
importScripts("wasm_exec.js");

onmessage = async ({ data }) => {
  console.log = (line) => postMessage({ line, at: performance.now() });
  const go = new Go();
  go.argv = ["engine", ...data];
  const { instance } = await WebAssembly.instantiateStreaming(fetch("engine.wasm"), go.importObject);
  await go.run(instance);
  close(); // a timer of Go's may still be set, and would find it gone
};
