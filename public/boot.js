// Brings the page up: compiles the program of the address's family once, runs
// it in a worker as the engine and here as the page, and carries messages
// between the two and to the stage and the chart. The engine opens the address's
// run at once, without waiting for the page, so that the first moving picture
// comes early.

import { Chart } from "./chart.js";
import { encodeCommand } from "./draw/commands.js";
import { decodeBulk, frameName } from "./draw/frames.js";
import { SequenceView } from "./draw/sequence.js";
import { Stage } from "./draw/stage.js";
import { language } from "./draw/theme.js";
import { catalogue, program, StartError } from "./engine.js";
import { familyOf } from "./family.js";
import { beginWait, hideNotice, showFailure, showProgress, showStarting } from "./notice.js";
import { Switchboard } from "./switchboard.js";

const link = location.hash.slice(1);

/** @type {Uint8Array[]} */
const waiting = []; // frames that came before Go was ready

/** @type {((frame: Uint8Array) => void) | null} */
let onframe = null;
/** @type {((kind: string, id: number) => void) | null} */
let onpick = null;

/** Ends the wait of whoever lets the first picture go first. */
let firstPicture = () => {};
const pictured = new Promise((resolve) => (firstPicture = () => resolve(true)));

const stage = new Stage(host("stage"), {
  onpick: (kind, id) => onpick?.(kind, id),
  onfirst() {
    performance.mark("first-picture");
    dispatchEvent(new Event("grapevine:frame"));
  },
  onpainted() {
    setTimeout(firstPicture); // not before the drawing is on the screen
    engines.painted();
  },
});
const chart = new Chart(host("chart"));
const sequence = new SequenceView(host("sequence"), { onpick: (id) => onpick?.("packet", id), say: (text) => stage.say(text) });

/** @type {Uint8Array | null} */
let status = null; // the present engine's latest

const engines = new Switchboard({
  onframe(bytes) {
    try {
      route(bytes);
    } catch (e) {
      fail(e);
    }
  },
  onprogress: showProgress,
  onfail: fail,
  onwait: beginWait,
  ondone(error) {
    hideNotice();
    if (error === undefined) return;
    console.warn(error);
    const text = error instanceof StartError && error.what !== "fetch" ? error.text : words.away;
    onframe?.(encodeCommand({ frame: "problem", text }));
    // The run that goes on takes the address back.
    if (status) onframe?.(status);
  },
});

const words = {
  away: {
    en: "This lab could not be fetched, and labs of its kind have not been opened in this browser before. Check the connection and try again; those opened before work without one.",
    zh: "这类实验以前没有在此浏览器中打开过，现在又无法下载。请检查网络连接后再试；以前打开过的实验离线也能用。",
  },
};

/** What Go's side of the page sees of this side. */
const grapevine = {
  link,
  stage,
  chart,
  sequence,
  get lang() {
    return language();
  },
  /** @param {Uint8Array} command */
  post(command) {
    engines.post(command);
  },
  get onframe() {
    return onframe;
  },
  set onframe(handler) {
    onframe = handler;
    if (handler) for (const frame of waiting.splice(0)) handler(frame);
  },
  get onpick() {
    return onpick;
  },
  set onpick(handler) {
    onpick = handler;
  },
};
Object.assign(globalThis, { grapevine });

/** @param {string} id @returns {HTMLElement} */
function host(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`boot: the page has no element #${id}`);
  return found;
}

/** @param {import("./draw/frames.js").Scene} scene */
function openScene(scene) {
  stage.setScene(scene);
  sequence.setScene(scene);
  chart.clear();
}

/** @param {Uint8Array} bytes */
function route(bytes) {
  switch (frameName(bytes)) {
    case "scene":
      hideNotice();
      openScene(/** @type {import("./draw/frames.js").Scene} */ (decodeBulk(bytes)));
      break;
    case "cards":
      stage.setCards(/** @type {import("./draw/cards.js").CardsFrame} */ (decodeBulk(bytes)));
      break;
    case "sequence":
      sequence.setData(/** @type {import("./draw/sequence.js").Sequence} */ (decodeBulk(bytes)));
      break;
    case "picture": {
      const picture = /** @type {import("./draw/frames.js").Picture} */ (decodeBulk(bytes));
      stage.setPicture(picture);
      chart.setNow(picture.now);
      sequence.setNow(picture.now);
      break;
    }
    case "series":
      chart.setSeries(/** @type {import("./draw/frames.js").Series} */ (decodeBulk(bytes)));
      break;
    case "status":
      status = bytes;
    // falls through
    default:
      if (onframe) onframe(bytes);
      else waiting.push(bytes);
  }
}

let failed = false;

/** Tells the visitor of the first failure; those it brings about say less. @param {unknown} error */
function fail(error) {
  console.error(error);
  if (failed) return;
  failed = true;
  if (error instanceof StartError) showFailure(error.text, error.detail);
  else showFailure({ en: "Something on this page failed. Reload to try again.", zh: "页面出错。请重新载入再试。" }, String(error));
}

/** Go's own support script: fetched while the program is. */
const support = import(new URL("wasm_exec.js", import.meta.url).href);

/** Go in its page role, which is the same in the file of every family. */
async function runPage() {
  const [module] = await Promise.all([program(familyOf(link)), support]);
  const scope = /** @type {any} */ (globalThis);
  scope.grapevineRole = "page";
  const go = new scope.Go();
  await go.run(await WebAssembly.instantiate(module, go.importObject));
  throw new Error("the page's program stopped");
}

async function boot() {
  await engines.start(link, catalogue().then(route));
  showStarting();
  // Go's start keeps the page busy for a while; the picture would have to wait
  // for it. A tab in the background draws nothing.
  await Promise.race([pictured, new Promise((resolve) => setTimeout(resolve, 1000))]);
  await runPage();
}

/**
 * Makes the page work without a network from the next visit on. A browser that
 * does not allow it (a private window, plain HTTP) loses nothing else.
 */
async function keepForOffline() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(new URL("offline.js", import.meta.url));
  if (navigator.serviceWorker.controller) return; // it sees for itself what is loaded
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  active?.postMessage([location.href.split("#")[0], ...new Set(loaded)].filter((url) => url.startsWith(location.origin)));
}

boot().catch(fail);
// Late, so that nothing of it is in the way of the first picture.
setTimeout(() => keepForOffline().catch(() => {}), 5000);
