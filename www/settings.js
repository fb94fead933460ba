// The panel that chooses where requests go.

import { remote, simulated } from "./connection.js";
import { element } from "./element.js";
import { APIS } from "./kinds.js";

const SPEEDS = [1, 10, 60];

/**
 * Fills the dialog; `onConnect` is called with each new connection, the first one (the simulator, `world`) at once. `listen` is called for
 * every request. The key is in its input and in the client, and is stored nowhere.
 */
export class Settings {
  #dialog;
  #onConnect;
  #listen;
  #world;
  #used; // where requests go
  #asking; // aborts the test of an endpoint
  #test = element("p", { role: "status", class: "quiet" });
  #baseUrl = element("input", {
    id: "base-url",
    placeholder: "https://your-worker.example/luma",
    inputmode: "url",
    autocomplete: "off",
    spellcheck: "false",
  });
  #apiKey = element("input", { id: "api-key", type: "password", autocomplete: "off", spellcheck: "false" });

  constructor(dialog, world, listen, onConnect) {
    this.#dialog = dialog;
    this.#world = world;
    this.#listen = listen;
    this.#onConnect = onConnect;
    dialog.addEventListener("close", () => this.#asking?.abort());
    dialog.append(
      element(
        "form",
        { method: "dialog", class: "settings", onsubmit: (event) => this.#submit(event) },
        this.#head(),
        this.#apis(),
        this.#simulator(),
        this.#endpoint(),
      ),
    );
    this.#simulate(world.speed);
  }

  open() {
    this.#test.textContent = "";
    this.#show(this.#used);
    this.#dialog.showModal();
  }

  get #provider() {
    return this.#dialog.querySelector("[name=api]:checked").value;
  }

  #simulate(speed) {
    this.#world.speed = speed;
    this.#use("simulator", simulated(this.#provider, this.#world, this.#listen));
  }

  #use(place, connection) {
    this.#used = place;
    this.#onConnect(connection);
  }

  #show(place) {
    for (const section of this.#dialog.querySelectorAll(".place")) {
      const shown = section.dataset.place === place;
      section.querySelector("[name=place]").checked = shown;
      section.querySelector(".place-body").hidden = !shown;
    }
  }

  #head() {
    const close = element("button", { type: "button", class: "small", "aria-label": "Close", onclick: () => this.#dialog.close() }, "✕");
    return element("header", {}, element("h2", { id: "settings-title" }, "Where does it go?"), close);
  }

  /** The choice of an API. The simulator changes at once, an endpoint when it is submitted. */
  #apis() {
    const change = () => this.#used === "simulator" && this.#simulate(this.#world.speed);
    const names = Object.entries(APIS).map(([id, { name }], index) => segment("api", id, name, index === 0, change));
    return element("fieldset", { class: "speeds" }, element("legend", {}, "API"), element("div", { class: "segments" }, names));
  }

  #simulator() {
    const { speed: now } = this.#world;
    const speeds = SPEEDS.map((speed) => segment("speed", speed, `${speed}×`, speed === now, () => this.#simulate(speed)));
    return this.#place("simulator", "Simulator in this page", [
      element(
        "p",
        {},
        "Luma's API in WebAssembly, with its rules, limits and waiting times. It draws a card that shows what was asked for, in the right size and length. No key, no cost, and nothing leaves this page.",
      ),
      element("fieldset", { class: "speeds" }, element("legend", {}, "Time passes"), element("div", { class: "segments" }, speeds)),
      element("p", { class: "quiet" }, "[slow], [fast] or [fail:moderation] in a prompt steer its job."),
    ]);
  }

  #endpoint() {
    return this.#place("endpoint", "Your own endpoint", [
      element(
        "div",
        { class: "field" },
        element("label", { for: "base-url" }, "Base URL"),
        this.#baseUrl,
        element("p", { class: "hint" }, "Left empty: Luma's own API, which may not let a page in (CORS). A Worker of your own does."),
      ),
      element(
        "div",
        { class: "field" },
        element("label", { for: "api-key" }, "Key ", element("span", { class: "quiet" }, "optional")),
        this.#apiKey,
        element("p", { class: "hint" }, "Kept in memory until this page is closed."),
      ),
      element(
        "p",
        { class: "warning" },
        "A key in a page can be read by whoever opens the page. Use one here on your own machine only; for others, let a Worker hold it, and give its address without a key.",
      ),
      element("div", { class: "actions" }, element("button", { class: "primary" }, "Use this endpoint"), this.#test),
    ]);
  }

  /** One of the two choices. Choosing the simulator is enough; an endpoint is used when it is submitted. */
  #place(place, title, parts) {
    const choose = () => {
      this.#show(place);
      if (place === "simulator") this.#simulate(Number(this.#dialog.querySelector("[name=speed]:checked").value));
    };
    const radio = element("input", { type: "radio", name: "place", value: place, onchange: choose });
    return element(
      "section",
      { class: "place", "data-place": place },
      element("label", { class: "check" }, radio, element("strong", {}, title)),
      element("div", { class: "place-body" }, parts),
    );
  }

  async #submit(event) {
    event.preventDefault();
    this.#asking?.abort();
    const { signal } = (this.#asking = new AbortController());
    this.#test.textContent = "Asking it for a sign of life…";
    try {
      const connection = remote(this.#provider, { baseUrl: this.#baseUrl.value.trim(), apiKey: this.#apiKey.value.trim() }, this.#listen);
      await signOfLife(connection, signal);
      this.#use("endpoint", connection);
      this.#dialog.close();
    } catch (error) {
      if (!signal.aborted) this.#test.textContent = error.message;
    }
  }
}

/** One of a few choices in a row. */
function segment(name, value, label, checked, onchange) {
  return element("label", {}, element("input", { type: "radio", name, value, checked, class: "visually-hidden", onchange }), label);
}

/** The cheapest request that shows that the endpoint answers this key: Agents has no `ping`. */
function signOfLife({ client, provider }, signal) {
  return provider === "agents" ? client.files.list({ limit: 1, signal }) : client.ping({ signal });
}
