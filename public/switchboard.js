// The page's line to its engine. A Command that opens a lab of another family
// makes that family's engine take the present one's place, which goes on until
// the other is there, and stays if it does not come.

import { encodeCommand } from "./draw/commands.js";
import { decode } from "./draw/frames.js";
import { startEngine } from "./engine.js";
import { familyOf } from "./family.js";

/** @typedef {import("./engine.js").Engine} Engine */
/**
 * @typedef {object} Events
 * @property {(frame: Uint8Array) => void} onframe
 * @property {(loaded: number, total: number) => void} onprogress bytes; total is 0 when unknown
 * @property {(error: Error) => void} onfail the present engine stopped
 * @property {() => void} onwait another engine is being fetched
 * @property {(error: unknown) => void} ondone it is there (undefined), or did not come
 */

export class Switchboard {
  /** @param {Events} events */
  constructor(events) {
    this.events = events;
    /** @type {Engine | null} */
    this.engine = null;
    /** @type {{family: string, commands: Uint8Array[]} | null} the change under way, and what its engine is to do */
    this.change = null;
  }

  /**
   * The first engine, with the run that the page's address names.
   * @param {string} link @param {Promise<unknown>} ready what must have come before the first frame
   */
  async start(link, ready) {
    this.engine = await startEngine({ ...this.events, family: familyOf(link), link, ready });
  }

  /** Tells the present engine that its last picture is on the screen. */
  painted() {
    this.engine?.post(encodeCommand({ verb: "painted" }));
  }

  /**
   * Sends a Command of Go's. While the engine is being changed, what comes
   * after Open is meant for the run that was asked for.
   * @param {Uint8Array} command
   */
  post(command) {
    const { verb, run } = decode(command);
    if (verb === "open") {
      const family = familyOf(run.lab);
      if (family !== this.engine?.family) {
        this.#changeTo(family, command);
        return;
      }
      if (this.change) this.#done(undefined); // the visitor has thought better of it
    }
    if (this.change) this.change.commands.push(command);
    else this.engine?.post(command);
  }

  /** @param {string} family @param {Uint8Array} open */
  async #changeTo(family, open) {
    if (this.change?.family === family) {
      this.change.commands = [open];
      return;
    }
    const change = { family, commands: [open] };
    this.change = change;
    this.events.onwait();
    const failed = (/** @type {unknown} */ error) => {
      if (this.change === change) this.#done(error); // else it has been passed over
    };
    try {
      const engine = await startEngine({
        family,
        onframe: this.events.onframe,
        onprogress: (loaded, total) => {
          if (this.change?.family === family) this.events.onprogress(loaded, total);
        },
        onfail: (error) => (this.engine === engine ? this.events.onfail(error) : failed(error)),
      });
      if (this.change !== change) {
        engine.end();
        return;
      }
      this.engine?.end();
      this.engine = engine;
      for (const command of change.commands) engine.post(command);
      this.#done(undefined);
    } catch (error) {
      failed(error);
    }
  }

  /** @param {unknown} error */
  #done(error) {
    this.change = null;
    this.events.ondone(error);
  }
}
