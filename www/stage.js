// One job, large: its progress, its picture, or the reason why there is none.

import { copyButton, element } from "./element.js";
import { basisOf, duration, failureOf, stateOf, timeOf, turnOf } from "./wording.js";

/** How often the shown time is updated, in ms. */
const TICK = 200;
const QUEUED = "The account may make only so many at once: it is sent as soon as the limit allows, and nothing is refused.";

/**
 * Shows one job at a time in `root`. `offers.actions(job)` returns its actions, as
 * `{ label, act, primary, use }`, where `act` takes the pressed button; `offers.polls(id)` how often it was polled;
 * `offers.idle()` the content before there is any job.
 */
export class Stage {
  #root;
  #offers;
  #job;
  #shown; // what is drawn, so that a playing video is not drawn anew
  #update; // writes the time into what is drawn

  constructor(root, offers) {
    this.#root = root;
    this.#offers = offers;
    setInterval(() => this.#update?.(), TICK);
  }

  show(job) {
    this.#job?.removeEventListener("change", this.#draw);
    this.#job = job;
    job?.addEventListener("change", this.#draw);
    this.#draw();
  }

  /** Draws the same job again: its actions may have changed. */
  refresh() {
    this.#shown = undefined;
    this.#draw();
  }

  #draw = () => {
    const job = this.#job;
    const shown = job && [job, job.phase];
    if (shown && this.#shown?.every((part, index) => part === shown[index])) return this.#update?.();
    this.#shown = shown;
    this.#update = undefined;
    if (!job) return this.#root.replaceChildren(this.#offers.idle());
    const [picture, details] = { waiting: this.#waiting, stopped: stopped, completed: this.#completed, failed: failed }[job.phase].call(
      this,
      job,
    );
    this.#root.replaceChildren(
      element("div", { class: `picture ${job.phase}` }, picture),
      element(
        "div",
        { class: "details" },
        element("h2", { class: "prompt", title: job.request.prompt }, job.request.prompt || "Without a prompt"),
        details,
        this.#actions(job),
      ),
    );
    this.#update?.();
  };

  #actions(job) {
    const { plain = [], use = [] } = Object.groupBy(this.#offers.actions(job), (action) => (action.use ? "use" : "plain"));
    const button = ({ label, act, primary }) =>
      element(
        "button",
        { type: "button", class: primary ? "primary" : undefined, onclick: ({ currentTarget }) => act(currentTarget) },
        label,
      );
    return [
      element("div", { class: "actions" }, plain.map(button)),
      use.length > 0 &&
        element(
          "div",
          { class: "uses", role: "group", "aria-label": "Go on with it" },
          element("span", { class: "quiet" }, "Go on with it"),
          use.map(button),
        ),
    ];
  }

  #waiting(job) {
    const picture = dream(job);
    const bar = element(
      "div",
      { class: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 },
      element("span"),
    );
    const [state, time, note] = [element("strong"), element("span", { class: "quiet" }), element("p", { class: "quiet" })];
    const { speed } = job.connection;
    const pace = speed > 1 ? ` Time passes ${speed} times as fast as ours.` : "";
    this.#update = () => {
      const progress = job.progress;
      const { part, from, to } = scale(progress);
      state.textContent = stateOf(job);
      time.textContent = job.queue ? turnOf(job.queue, job.age) : timeOf(progress);
      note.textContent = job.queue ? QUEUED : job.generation ? `Last seen ${duration(job.age)} ago. ${basisOf(progress)}${pace}` : "";
      bar.style.setProperty("--from", from);
      bar.style.setProperty("--to", to);
      bar.firstChild.style.width = `${100 * part}%`;
      picture.style.setProperty("--part", part);
      bar.setAttribute("aria-valuenow", Math.round(100 * part));
      bar.setAttribute("aria-valuetext", `${state.textContent}, ${time.textContent}`);
    };
    return [picture, [element("div", { class: "progress" }, state, time), bar, note]];
  }

  #completed({ media, generation, progress, request }) {
    const { id, model } = generation;
    const size = element("dd", {}, "…");
    const polls = this.#offers.polls(id);
    // The page did not poll a job that was finished before it was loaded.
    const facts = { Model: model, ...(polls > 0 && { Took: duration(progress.elapsed), Polled: times(polls) }), Size: size };
    const name = [element("code", {}, id), copyButton(() => id)];
    return [picture(media, request, (text) => (size.textContent = text)), list({ ...facts, Id: name })];
  }
}

/**
 * Where on the bar a job is, and `from` where `to` where it is likely to end: the less reliable the usual time, the wider. The provider reports
 * no percentage, so the bar is time, and it is full only when the job is done.
 */
function scale({ elapsed, expected, confidence }) {
  if (!expected) return { part: 0, from: 1, to: 1 };
  const doubt = 0.15 + 0.45 * (1 - confidence);
  const whole = Math.max(expected * (1 + doubt), elapsed) * 1.05;
  return { part: elapsed / whole, from: (expected * (1 - doubt)) / whole, to: Math.min(1, (expected * (1 + doubt)) / whole) };
}

/** The placeholder for the picture, in its ratio. */
function dream({ request }) {
  const [width, height] = (request.aspect_ratio ?? "16:9").split(":");
  const node = element("div", { class: Number(width) > Number(height) ? "dream" : "dream upright", "aria-hidden": true });
  node.style.aspectRatio = `${width} / ${height}`;
  return node;
}

function picture({ type, url }, { prompt }, tell) {
  if (type === "image") {
    const image = element("img", {
      src: url,
      alt: prompt ?? "",
      onerror: () => tell("cannot be shown here; download it"),
      onload: () => tell(`${image.naturalWidth} × ${image.naturalHeight}`),
    });
    return image;
  }
  const video = element("video", {
    controls: true,
    autoplay: true,
    loop: true,
    playsinline: true,
    "aria-label": prompt,
    onerror: () => tell("cannot be shown here; download it"),
    onloadedmetadata: () => tell(`${video.videoWidth} × ${video.videoHeight}, ${duration(video.duration * 1000)}`),
  });
  video.muted = true; // otherwise no browser starts it by itself
  video.src = url;
  return video;
}

function stopped(job) {
  const text = job.canWait
    ? "The page does not wait for it now, but the job goes on: you can wait again, and nothing is paid twice."
    : job.error.message;
  return [dream(job), [element("div", { class: "progress" }, element("strong", {}, stateOf(job))), element("p", {}, text)]];
}

function failed(job) {
  const { title, message, facts, advice } = failureOf(job);
  const sign = element(
    "div",
    { class: "sign" },
    element("span", { class: "mark failed", "aria-hidden": true }, "!"),
    element("h3", {}, title),
    element("p", {}, message),
  );
  const { id } = job.generation ?? {};
  const code = element("code", {}, job.error.code);
  return [
    sign,
    [element("p", {}, advice), list({ ...facts, Code: code, ...(id && { Id: [element("code", {}, id), copyButton(() => id)] }) })],
  ];
}

function list(facts) {
  const rows = Object.entries(facts).map(([name, value]) =>
    element("div", {}, element("dt", {}, name), value instanceof HTMLElement && value.tagName === "DD" ? value : element("dd", {}, value)),
  );
  return element("dl", { class: "facts" }, rows);
}

const times = (count) => (count === 1 ? "once" : `${count} times`);
