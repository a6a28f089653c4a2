// Puts the static site together: ./build.sh calls it, see there.
//
//   node assemble.mjs --dir DIR --programs DIR --families "NAME ..." --go-js FILE --quality N [--prune]
//
// The programs' folder holds page-NAME.wasm for each family of labs, and
// catalogue.cbor; the pages are told the families, the default one first.
// The scripts that a page or a worker starts from are bundled, so that a first
// visit asks for few files; everything else of public/ is copied as it is.
// Beside each file that shrinks lie its brotli and gzip forms, for servers that
// send such. A file whose content did not change is left alone, and its
// compressed forms with it: brotli is the slow part. --prune removes from DIR
// whatever is not of the site (for folders of our own only).
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import zlib from "node:zlib";

const source = "public";
const compressible = new Set([".cbor", ".css", ".html", ".js", ".json", ".md", ".svg", ".txt", ".wasm"]);
const worthCompressingBytes = 400;

/** Scripts that no page names, because other scripts start them. */
const startedByScripts = ["worker.js", "offline.js"];

const { values: flags } = parseArgs({
  options: {
    dir: { type: "string" },
    programs: { type: "string" },
    families: { type: "string" },
    "go-js": { type: "string" },
    quality: { type: "string" },
    prune: { type: "boolean", default: false },
  },
});
for (const name of /** @type {const} */ (["dir", "programs", "families", "go-js", "quality"])) {
  if (!flags[name]) throw new Error(`assemble.mjs: --${name} is missing; ./build.sh site DIR passes it`);
}
const dir = String(flags.dir);
const families = String(flags.families).split(" ");
const goJS = path.resolve(String(flags["go-js"]));
const quality = Number(flags.quality);

const files = await collect();
await Promise.all([...files].map(([name, bytes]) => put(name, bytes)));
if (flags.prune) await prune(new Set(files.keys()));

/**
 * All files of the site by their path in it.
 * @returns {Promise<Map<string, Uint8Array>>}
 */
async function collect() {
  const names = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(source, path.join(entry.parentPath ?? entry.path, entry.name)));
  /** @type {Map<string, Uint8Array>} */
  const site = new Map();
  for (const name of names) {
    if (!/\.(js|css|ts)$/.test(name)) site.set(name, await readFile(path.join(source, name)));
    if (name.endsWith(".html")) site.set(name, tellFamilies(Buffer.from(site.get(name) ?? [])));
  }
  const entries = new Set(startedByScripts.concat(names.filter((name) => name.endsWith(".css"))));
  for (const [name, bytes] of site) {
    if (!name.endsWith(".html")) continue;
    for (const [, script] of String(Buffer.from(bytes)).matchAll(/<script[^>]*\ssrc="([^":]+\.js)"/g)) {
      entries.add(path.normalize(path.join(path.dirname(name), script)));
    }
  }
  entries.delete("wasm_exec.js");
  for (const [name, bytes] of await bundle([...entries].filter((name) => names.includes(name)))) site.set(name, bytes);
  for (const name of [...families.map((family) => `page-${family}.wasm`), "catalogue.cbor"]) {
    site.set(name, await readFile(path.join(String(flags.programs), name)));
  }
  site.set("wasm_exec.js", await readFile(goJS));
  return site;
}

/** @param {Buffer} page */
function tellFamilies(page) {
  return Buffer.from(String(page).replace(/data-families="[^"]*"/, `data-families="${families.join(" ")}"`));
}

/**
 * @param {string[]} entries
 * @returns {Promise<[string, Uint8Array][]>}
 */
async function bundle(entries) {
  const result = await build({
    entryPoints: entries.map((name) => path.join(source, name)),
    outdir: source,
    outbase: source,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    external: ["*.svg", "*.png"],
    // Go's own script lies in the toolchain, not in public/.
    plugins: [
      { name: "go", setup: (b) => b.onResolve({ filter: /(^|\/)wasm_exec\.js$/ }, () => ({ path: goJS, sideEffects: true })) },
    ],
  });
  return result.outputFiles.map((file) => [path.relative(source, file.path), file.contents]);
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 */
async function put(name, bytes) {
  const file = path.join(dir, name);
  const shrinks = compressible.has(path.extname(name)) && bytes.length > worthCompressingBytes;
  if (await isUpToDate(file, bytes, shrinks)) return;
  await mkdir(path.dirname(file), { recursive: true });
  if (shrinks) {
    const [br, gz] = await Promise.all([
      promisify(zlib.brotliCompress)(bytes, {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: quality, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
      promisify(zlib.gzip)(bytes, { level: 9 }),
    ]);
    await Promise.all([writeFile(file + ".br", br), writeFile(file + ".gz", gz)]);
  }
  // Last, so that a build cut short is done again.
  await writeFile(file, bytes);
}

/**
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {boolean} shrinks
 */
async function isUpToDate(file, bytes, shrinks) {
  try {
    if (shrinks) await Promise.all([stat(file + ".br"), stat(file + ".gz")]);
    return Buffer.compare(await readFile(file), bytes) === 0;
  } catch {
    return false; // one of them is not there yet
  }
}

/** @param {Set<string>} wanted */
async function prune(wanted) {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !wanted.has(path.relative(dir, file).replace(/\.(br|gz)$/, ""))) await rm(file);
  }
}
