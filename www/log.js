import { element } from "./element.js";

/** How many requests are shown; older ones are dropped. */
const LIMIT = 200;
/** A shorter pause is not shown, in ms. */
const PAUSE = 1000;

/** Ids are long; their beginning identifies them. */
const shortened = (path) => path.replace(/([0-9a-f]{8})-[0-9a-f-]{27}/g, "$1…");
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** Every request of every client that has `listen` as its `onEvent`, as a table in `root`. */
export class RequestLog {
  #rows = element("tbody");
  #table;
  #next = element("p", { class: "quiet" });
  #count;
  #sent = 0;
  #retries = 0;
  #open = []; // requests in flight: { method, url, cells }
  #waited = new Map(); // ms waited for a job since its last poll
  #polls = new Map();

  constructor(root, count) {
    this.#count = count;
    const titles = ["Request", "Status", "Took", "Note"].map((title) => element("th", { scope: "col" }, title));
    this.#table = element(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Requests" },
      element("table", {}, element("thead", {}, element("tr", {}, titles)), this.#rows),
    );
    this.#table.hidden = true;
    this.#next.textContent = "Nothing was sent yet. Checking and estimating send nothing.";
    root.append(this.#table, this.#next);
  }

  /** How often a job was polled. */
  polls(id) {
    return this.#polls.get(id) ?? 0;
  }

  listen = (event) => this.#on[event.type]?.(event);

  #on = {
    request: ({ method, url, attempt }) => {
      const { pathname } = new URL(url, location.href);
      const cells = { status: element("td", {}, "…"), took: element("td"), note: element("td") };
      const path = element("td", { class: "path", title: pathname }, element("b", {}, method), ` ${shortened(pathname)}`);
      const row = element("tr", {}, path, cells.status, cells.took, cells.note);
      this.#open.push({ method, url, cells });
      const id = [...this.#waited.keys()].find((id) => pathname.includes(id));
      if (id && this.#waited.get(id) >= PAUSE) cells.note.textContent = `after a wait of ${seconds(this.#waited.get(id))}`;
      if (id) this.#waited.delete(id);
      if (attempt > 0) cells.note.textContent = `retry ${attempt}`;
      this.#rows.append(row);
      if (this.#rows.children.length > LIMIT) this.#rows.firstChild.remove();
      this.#sent += 1;
      this.#retries += attempt > 0 ? 1 : 0;
      this.#tell();
    },
    response: ({ method, url, status, elapsed }) => this.#close({ method, url }, String(status), elapsed, status < 400),
    request_failed: ({ method, url, code, elapsed }) => this.#close({ method, url }, code, elapsed, false),
    retry: ({ code, after }) => (this.#next.textContent = `Again in ${seconds(after)}, after ${code}.`),
    wait: ({ id, ms }) => {
      this.#waited.set(id, (this.#waited.get(id) ?? 0) + ms);
      if (ms >= PAUSE) this.#next.textContent = `Next poll of ${id.slice(0, 8)} in ${seconds(ms)}.`;
    },
    update: ({ id }) => this.#polls.set(id, this.polls(id) + 1),
  };

  #close({ method, url }, status, elapsed, good) {
    const index = this.#open.findIndex((request) => request.method === method && request.url === url);
    if (index < 0) return;
    const [{ cells }] = this.#open.splice(index, 1);
    cells.status.textContent = status;
    cells.status.className = good ? "good" : "bad";
    cells.took.textContent = `${Math.round(elapsed)} ms`;
    this.#next.textContent = "";
    this.#table.scrollTop = this.#table.scrollHeight;
  }

  #tell() {
    this.#table.hidden = false;
    const retries = this.#retries ? `, ${this.#retries} of them retries` : "";
    this.#count.textContent = `${this.#sent}${retries}`;
  }
}
