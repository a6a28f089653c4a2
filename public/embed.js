// A lab inside somebody else's page: the stage and a small transport bar. Only
// the engine runs here; the page's Go side, with its panels, stays away.
//
// The address: embed.html?lang=zh&theme=dark&autoplay#gossip/rumor?n=200&seed=7

import { encodeCommand } from "./draw/commands.js";
import { decode, decodeBulk, frameName } from "./draw/frames.js";
import { Stage } from "./draw/stage.js";
import { say } from "./draw/theme.js";
import { catalogue, StartError, startEngine } from "./engine.js";
import { familyOf } from "./family.js";
import { hideNotice, showFailure, showProgress } from "./notice.js";

const words = {
  play: { en: "Play", zh: "播放" },
  pause: { en: "Pause", zh: "暂停" },
  restart: { en: "Back to the start", zh: "回到开头" },
  time: { en: "Time", zh: "时间" },
  speed: { en: "Speed", zh: "速度" },
  full: { en: "Open full page", zh: "打开完整页面" },
};
const icons = { play: "M3 1l11 7-11 7z", pause: "M3 1h4v14H3zM9 1h4v14H9z" };
const paces = [0.1, 0.25, 0.5, 1, 2, 4, 16];

const query = new URLSearchParams(location.search);
const root = document.documentElement;
root.lang = query.get("lang") === "zh" ? "zh" : "en";
const theme = query.get("theme");
if (theme === "dark" || theme === "light") root.dataset.theme = theme;
else root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

const link = location.hash.slice(1);
const autoplay = query.has("autoplay") && !matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @param {string} id @returns {any} */
const el = (id) => document.getElementById(id);
const play = el("play");
const time = el("time");
const speed = el("speed");

const stage = new Stage(el("stage"), {
  onpick: (kind, id) => stage.select(kind === "node" ? { node: id } : kind === "packet" ? { packet: id } : {}),
  onfirst: () => performance.mark("first-picture"),
  onpainted: () => post({ verb: "painted" }),
});

/** @type {Map<string, any>} */
const labs = new Map();
/** @type {Map<string, HTMLElement>} */
const counts = new Map(); // by state
let status = { now: 0, end: 0, playing: false, finished: false };
let startSpeed = 1;
let held = false; // out of view: paused by us, not by the visitor
let seen = true;
let dragging = false;

/** @typedef {Record<string, string | number | boolean>} Command */
/** @type {Command[]} Commands given before the engine runs: a hasty click on Play counts. */
const early = [];
/** @type {(command: Command) => void} */
let post = (command) => void early.push(command);

/** What each small frame changes here. @type {Record<string, (frame: any) => void>} */
const onframe = {
  hello(frame) {
    for (const lab of frame.labs) labs.set(lab.id, lab);
  },
  opened(frame) {
    const lab = labs.get(frame.lab);
    const notice = frame.notices?.map(say).join(" ");
    el("claim").textContent = notice || say(lab?.claim);
    document.title = `${say(lab?.title)} - Grapevine`;
    legend(frame.states ?? []);
    startSpeed = frame.start_speed || 1;
    status.end = frame.end;
    if (speed.value !== "1") pace(); // chosen before the lab's own speed was known
  },
  status(frame) {
    status = frame;
    if (frame.link) fullPage(frame.link);
    for (const count of frame.counts ?? []) {
      const number = counts.get(count.state);
      if (number) number.textContent = count.nodes;
    }
    show();
    if (!seen) hold();
  },
  problem(frame) {
    el("claim").textContent = say(frame.text);
  },
};

/** The states' shapes, names and numbers. @param {import("./draw/frames.js").State[]} states */
function legend(states) {
  counts.clear();
  const items = states.map((state) => {
    const [item, mark, number] = [document.createElement("li"), document.createElement("i"), document.createElement("b")];
    mark.className = state.shape;
    mark.style.setProperty("--tone", `var(--c-${state.color})`);
    item.append(mark, `${say(state.label)} `, number);
    counts.set(state.id, number);
    return item;
  });
  el("states").replaceChildren(...items);
}

/** @param {Uint8Array} bytes */
function route(bytes) {
  const name = frameName(bytes);
  if (name === "scene") {
    hideNotice();
    stage.setScene(/** @type {import("./draw/frames.js").Scene} */ (decodeBulk(bytes)));
  } else if (name === "cards") {
    stage.setCards(/** @type {import("./draw/cards.js").CardsFrame} */ (decodeBulk(bytes)));
  } else if (name === "picture") {
    stage.setPicture(/** @type {import("./draw/frames.js").Picture} */ (decodeBulk(bytes)));
  } else {
    onframe[name]?.(decode(bytes));
  }
}

function pace() {
  post({ verb: "speed", speed: Number(speed.value) * startSpeed });
}

function show() {
  const word = status.playing ? words.pause : words.play;
  play.title = say(word);
  play.setAttribute("aria-label", say(word));
  play.querySelector("path").setAttribute("d", status.playing ? icons.pause : icons.play);
  if (!dragging && status.end > 0) time.value = String(Math.round((1000 * status.now) / status.end));
  const seconds = `${(status.now / 1e6).toFixed(2)} s`;
  el("clock").textContent = seconds;
  time.setAttribute("aria-valuetext", seconds);
}

/** @param {string} run a link without "#" */
function fullPage(run) {
  const kept = new URLSearchParams({ lang: root.lang, theme: root.dataset.theme ?? "light" });
  el("full").href = `./?${kept}#${run}`;
}

function dress() {
  for (const id of /** @type {const} */ (["restart", "time", "speed"])) {
    el(id).title = say(words[id]);
    el(id).setAttribute("aria-label", say(words[id]));
  }
  el("full").textContent = say(words.full);
  for (const times of paces) speed.append(new Option(`${times}×`, String(times), times === 1, times === 1));
  fullPage(link);
  show();
}

function listen() {
  play.onclick = () => {
    held = false;
    seen = true; // whatever the observer has yet to say
    if (status.playing) post({ verb: "pause" });
    else {
      if (status.finished) post({ verb: "seek", at: 0 });
      post({ verb: "play" });
    }
  };
  el("restart").onclick = () => {
    post({ verb: "seek", at: 0 });
    post({ verb: "play" });
  };
  time.oninput = () => {
    dragging = true;
    post({ verb: "seek", at: Math.round((Number(time.value) / 1000) * status.end) });
  };
  time.onchange = () => (dragging = false);
  speed.onchange = pace;
  // The run is in the fragment, and a new fragment alone does not load a page.
  addEventListener("hashchange", () => location.reload());
  new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting; // the latest: a busy page tells several at once
    if (!seen) hold();
    else if (held) {
      held = false;
      post({ verb: "play" });
    }
  }).observe(el("stage"));
}

/** Pauses while nobody can see it. */
function hold() {
  if (!status.playing || held) return;
  held = true;
  post({ verb: "pause" });
}

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  if (error instanceof StartError) showFailure(error.text, error.detail);
  else showFailure({ en: "Something in this lab failed. Reload to try again.", zh: "演示出错。请重新载入再试。" }, String(error));
}

dress();
listen();
startEngine({
  family: familyOf(link),
  ready: catalogue().then(route),
  link: autoplay || !link || /[?&]t=/.test(link) ? link : `${link}${link.includes("?") ? "&" : "?"}t=0s`,
  onprogress: showProgress,
  onframe(bytes) {
    try {
      route(bytes);
    } catch (e) {
      fail(e);
    }
  },
  onfail: fail,
}).then((engine) => {
  post = (command) => engine.post(encodeCommand(command));
  early.splice(0).forEach(post);
}, fail);
