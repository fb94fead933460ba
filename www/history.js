import { element } from "./element.js";
import { stateOf } from "./wording.js";

/** The jobs of this visit, the newest first; `onShow` is called with the one that a person chooses. */
export class History {
  #section;
  #list;
  #onShow;
  #items = new Map();

  constructor(section, list, onShow) {
    this.#section = section;
    this.#list = list;
    this.#onShow = onShow;
  }

  add(job) {
    const item = element("li");
    this.#items.set(job, item);
    this.#list.prepend(item);
    job.addEventListener("change", () => this.#draw(job));
    this.#draw(job);
    this.#section.hidden = false;
  }

  /** Marks the job that is shown. */
  mark(job) {
    for (const [other, item] of this.#items) item.firstChild.setAttribute("aria-current", other === job);
  }

  /** Removes a job; returns another one to show, if there is any. */
  remove(job) {
    this.#items.get(job).remove();
    this.#items.delete(job);
    this.#section.hidden = this.#items.size === 0;
    return [...this.#items.keys()].at(-1);
  }

  #draw(job) {
    const item = this.#items.get(job);
    const state = stateOf(job);
    if (!item || item.dataset.state === state) return;
    item.dataset.state = state;
    const current = item.firstChild?.getAttribute("aria-current");
    const name = `${job.request.prompt || "Without a prompt"}: ${state}`;
    item.replaceChildren(
      element(
        "button",
        { type: "button", title: name, "aria-label": name, "aria-current": current ?? false, onclick: () => this.#onShow(job) },
        thumbnail(job),
      ),
    );
  }
}

function thumbnail({ phase, media }) {
  if (phase === "completed" && media.type === "image") return element("img", { src: media.url, alt: "" });
  if (phase === "completed") {
    const video = element("video", { src: `${media.url}#t=0.1`, preload: "metadata", playsinline: true, tabindex: -1 });
    video.muted = true;
    return video;
  }
  return element("span", { class: `mark ${phase}`, "aria-hidden": true }, { failed: "!", stopped: "Ⅱ" }[phase] ?? "");
}
