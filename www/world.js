// The simulator inside this page. It outlives the page: the page records the calls that create or delete jobs, for as long as the tab is
// open, and replays them after a reload, at the same moments of its time, so that it holds the same jobs.

import { createSimulator } from "luma-edge/simulator";

const JOURNAL = "luma-edge-simulator";
/** How often its time advances, in ms. */
const TICK = 25;

/** Opens the simulator of this tab, or a new one. */
export async function openWorld(speed) {
  const kept = sessionStorage.getItem(JOURNAL);
  const world = new World(kept ? JSON.parse(kept) : begin(speed));
  await world.catchUp();
  world.run();
  return world;
}

/** `then` by its time was `at` by the machine's; `account` separates the jobs of tabs. */
function begin(speed) {
  const at = Date.now();
  const account = `tab-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  // biome-ignore lint/suspicious/noThenProperty: a time, kept under this name in the browsers of visitors.
  return { account, start: at, then: at, at, speed, calls: [] };
}

class World {
  #journal;
  #simulator;

  constructor(journal) {
    this.#journal = journal;
    this.#simulator = createSimulator({ clock: "manual", start: journal.start });
    this.clock = this.#simulator.clock;
  }

  get account() {
    return this.#journal.account;
  }

  get speed() {
    return this.#journal.speed;
  }

  /** Runs time so many times as fast as real time. */
  set speed(speed) {
    // biome-ignore lint/suspicious/noThenProperty: see above.
    Object.assign(this.#journal, { then: this.#due(), at: Date.now(), speed });
    this.#keep();
  }

  fetch = (url, init) => {
    if (init.method !== "GET") {
      this.#journal.calls.push([this.clock.now(), url, { method: init.method, headers: init.headers, body: init.body }]);
      this.#keep();
    }
    return this.#simulator.fetch(url, init);
  };

  /** Replays the calls from before the page was loaded. */
  async catchUp() {
    for (const [at, url, init] of this.#journal.calls) {
      await this.#advance(at);
      this.#simulator.fetch(url, init);
      await this.#advance(at); // time stops while a call arrives
    }
    await this.#advance(this.#due());
  }

  async run() {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, TICK));
      await this.#advance(this.#due());
    }
  }

  /** Its time as it should be now. */
  #due() {
    const { then, at, speed } = this.#journal;
    return then + (Date.now() - at) * speed;
  }

  async #advance(to) {
    await this.#simulator.advance(Math.max(0, to - this.clock.now()));
  }

  #keep() {
    sessionStorage.setItem(JOURNAL, JSON.stringify(this.#journal));
  }
}
