// <grapevine-lab lab="gossip/rumor" seed="7" params="n=200 k=2" lang="zh" theme="dark" autoplay>
//
// A lab in any page: add this script once and the element where the lab should
// stand. Other attributes: script (actions, as in a link's "do"; an empty one is
// for a run in which nothing is done, not even what the lab does by itself),
// height (CSS length; the default is a 4:3 box), base (where Grapevine is served;
// the default is this script's own folder). Changing an attribute reloads the run.
//
// The lab is loaded when it comes near the window, and pauses outside of it.

const here = new URL(".", import.meta.url).href;

const words = {
  title: { en: "Grapevine lab", zh: "Grapevine 演示" },
  lab: {
    en: 'grapevine-lab: the attribute lab="family/name" is missing or malformed, for example lab="gossip/rumor".',
    zh: 'grapevine-lab：缺少 lab="类别/名称" 属性，或写法有误。正确写法如 lab="gossip/rumor"。',
  },
  seed: {
    en: "grapevine-lab: seed must be a whole number from 0 to 18446744073709551615.",
    zh: "grapevine-lab：seed 必须是 0 到 18446744073709551615 之间的整数。",
  },
  params: {
    en: 'grapevine-lab: params must be name=value pairs with spaces between them, for example params="n=200 k=2". This one is not: ',
    zh: 'grapevine-lab：params 应写成以空格分隔的 名称=值，例如 params="n=200 k=2"。有误的是：',
  },
};

/**
 * The link of a run, or what is wrong with the attributes.
 * @param {(name: string) => string | null} attribute
 * @returns {{link: string} | {wrong: "lab" | "seed" | "params", detail: string}}
 */
export function linkOf(attribute) {
  const lab = attribute("lab") ?? "";
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(lab)) return { wrong: "lab", detail: "" };
  const query = [];
  for (const setting of (attribute("params") ?? "").split(/[\s,]+/).filter(Boolean)) {
    const [, name, value] = /^([a-z0-9_-]+)=(\S+)$/.exec(setting) ?? [];
    if (!name) return { wrong: "params", detail: setting };
    query.push(`${name}=${encodeURIComponent(value)}`);
  }
  const seed = attribute("seed");
  if (seed !== null) {
    if (!/^\d{1,20}$/.test(seed) || BigInt(seed) >= 2n ** 64n) return { wrong: "seed", detail: "" };
    query.push(`seed=${seed}`);
  }
  const script = attribute("script");
  if (script !== null) {
    // Empty is not absent. A ';' parts the actions, so it stays as it is.
    query.push(`do=${script.split(";").map((action) => encodeURIComponent(action.trim())).join(";")}`);
  }
  return { link: query.length > 0 ? `${lab}?${query.join("&")}` : lab };
}

const Base = globalThis.HTMLElement ?? class {};

class GrapevineLab extends Base {
  static observedAttributes = ["lab", "seed", "params", "script", "lang", "theme", "autoplay", "height", "base"];

  constructor() {
    super();
    /** @type {IntersectionObserver | null} */
    this.near = null;
    this.wanted = false; // has come near the window once
    this.pending = false;
    this.attachShadow({ mode: "open" });
  }

  connectedCallback() {
    this.near = new IntersectionObserver(
      (entries) => {
        if (!entries.some((e) => e.isIntersecting)) return;
        this.wanted = true;
        this.near?.disconnect();
        this.render();
      },
      { rootMargin: "400px" },
    );
    this.near.observe(this);
    this.render();
  }

  disconnectedCallback() {
    this.near?.disconnect();
    this.wanted = false;
  }

  attributeChangedCallback() {
    // Several attributes often change together: one reload for all.
    if (!this.isConnected || this.pending) return;
    this.pending = true;
    queueMicrotask(() => {
      this.pending = false;
      this.render();
    });
  }

  render() {
    const shadow = /** @type {ShadowRoot} */ (this.shadowRoot);
    const lang = (this.getAttribute("lang") ?? document.documentElement.lang).startsWith("zh") ? "zh" : "en";
    const height = this.getAttribute("height");
    const style = document.createElement("style");
    style.textContent = `
      :host { display: block; contain: content; min-height: 240px; ${height ? `height: ${cssLength(height)};` : "aspect-ratio: 4 / 3;"} }
      iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
      p { margin: 0; padding: 16px; font: 14px/1.5 system-ui, sans-serif; border: 1px solid currentColor; }`;
    const run = linkOf((name) => this.getAttribute(name));
    if ("wrong" in run) {
      const message = document.createElement("p");
      message.setAttribute("role", "alert");
      message.textContent = words[run.wrong][lang] + run.detail;
      shadow.replaceChildren(style, message);
      return;
    }
    if (!this.wanted) {
      shadow.replaceChildren(style);
      return;
    }
    const query = new URLSearchParams({ lang });
    const theme = this.getAttribute("theme");
    if (theme) query.set("theme", theme);
    if (this.hasAttribute("autoplay")) query.set("autoplay", "");
    const frame = document.createElement("iframe");
    frame.title = `${words.title[lang]}: ${this.getAttribute("lab")}`;
    const src = new URL("embed.html", new URL(this.getAttribute("base") ?? here, document.baseURI));
    // It keeps its own origin, for its worker, and may open the full page:
    // nothing else. Within the course's own site a sandbox would hold nothing.
    if (src.origin !== location.origin) {
      frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    }
    frame.src = `${src}?${query}#${run.link}`;
    shadow.replaceChildren(style, frame);
  }
}

/** A bare number means pixels; what is no length is not let into the style. @param {string} height */
function cssLength(height) {
  if (/^\d+$/.test(height)) return `${height}px`;
  return /^\d+(\.\d+)?(px|em|rem|vh|vw|%)$/.test(height) ? height : "auto";
}

globalThis.customElements?.define("grapevine-lab", GrapevineLab);
