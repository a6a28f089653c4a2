// Runs a Go program built for js/wasm under Node, with the script that came
// with the Go toolchain: node engine.mjs FILE.wasm [ARGS...]
import { execFileSync } from "node:child_process";
import path from "node:path";

const goRoot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
// It takes its arguments from process.argv, after the script's own name.
process.argv.splice(1, 1, path.join(goRoot, "lib", "wasm", "wasm_exec_node.js"));
await import(process.argv[1]);
