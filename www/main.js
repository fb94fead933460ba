import { actionsFor } from "./actions.js";
import { Check } from "./check.js";
import { codeFor } from "./code.js";
import { copyButton, element } from "./element.js";
import { RequestForm } from "./form.js";
import { History } from "./history.js";
import { Job } from "./job.js";
import { APIS } from "./kinds.js";
import { RequestLog } from "./log.js";
import { Settings } from "./settings.js";
import { Stage } from "./stage.js";
import { stateOf } from "./wording.js";
import { openWorld } from "./world.js";

const $ = (id) => document.getElementById(id);

const EXAMPLES = [
  { label: "A tiger in snow", kind: "text-to-video", values: { prompt: "A tiger walking in snow" } },
  {
    label: "A poster, 2:3",
    kind: "text-to-image",
    values: { prompt: "A travel poster of a lighthouse at dusk, screen print", aspect_ratio: "2:3" },
  },
  {
    label: "A clip for phones",
    kind: "text-to-video",
    values: { prompt: "Rain on a neon street, seen from a tram", aspect_ratio: "9:16", resolution: "540p" },
  },
  { label: "A refusal", kind: "text-to-image", values: { prompt: "Something that is not allowed [fail:moderation]" } },
];

const SIMULATED =
  "No key needed: a simulator of Luma's APIs runs inside this page, and the client talks to it as it would to Luma. What comes out is a card that shows what was asked for; everything before it is real: the checks, the requests, the waiting.";

/** How many times as fast as real time the simulator runs at first. */
const SPEED = 10;
const VARIATIONS = 4;

let connection;
const clients = new Set(); // whose earlier jobs are shown
let concepts; // the promise of what the connection offers, fetched once

const log = new RequestLog($("log"), $("log-count"));
const form = new RequestForm($("form"), { concepts: () => (concepts ??= connection.client.concepts()) });
const check = new Check(form, () => connection);
const stage = new Stage($("stage"), { idle, polls: (id) => log.polls(id), actions: (job) => actionsFor(job, app) });
const visit = new History($("history"), $("history-list"), show);

/** What the actions on a job use. */
const app = {
  get connection() {
    return connection;
  },
  /** Shows a new job. `draft` is the content of the form, which can be restored. */
  start(job, draft) {
    job.draft = draft;
    add(job);
    // On a narrow screen the stage is below the form.
    $("stage").scrollIntoView({ block: "nearest" });
  },
  compose(kind, values) {
    form.show(kind, values);
    form.focus();
  },
  remove(job) {
    job.drop();
    show(visit.remove(job));
  },
};

// A double click must not buy two jobs, however soon the first one is accepted.
const onclick = (event) => event.detail > 1 && event.preventDefault();
const send = element("button", { class: "primary large", onclick }, "Generate");
const several = element(
  "button",
  { class: "large", title: "The same request, four times: within the limits, each to its end", onclick },
  "Four variations",
);
form.foot.append(element("div", { class: "send" }, send, several), check.node);
form.offer(Object.values(APIS)[0].kinds);
form.show("text-to-video", { prompt: "A tiger walking in snow" });
$("form").addEventListener("input", () => {
  check.soon();
  $("code").textContent = codeFor(connection, form.request(), form.makes);
});
$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  // Nor must an impatient one: the next click counts once the first job was accepted.
  if (send.ariaDisabled) return;
  send.ariaDisabled = "true";
  const request = form.request();
  if (await check.now({ all: true })) {
    const jobs = event.submitter === several ? Job.variations(connection, request, VARIATIONS) : [Job.generate(connection, request)];
    for (const job of jobs.toReversed()) app.start(job, form.draft());
    await Promise.all(jobs.map((job) => job.taken));
  } else {
    form.focus();
  }
  send.ariaDisabled = null;
});
$("code").parentElement.after(copyButton(() => $("code").textContent));

const settings = new Settings($("settings"), await openWorld(SPEED), log.listen, (made) => {
  connection = made;
  concepts = undefined;
  form.offer(APIS[made.provider].kinds);
  $("where-name").textContent = made.name;
  $("where").classList.toggle("remote", !made.inside);
  stage.refresh();
  $("form").dispatchEvent(new Event("input"));
  if (!clients.has(made.client)) takeUp(made);
  clients.add(made.client);
});
$("where").addEventListener("click", () => settings.open());

/** Shows the jobs from before this page was loaded: finished ones that were kept, and unfinished ones. */
async function takeUp(connection) {
  try {
    for (const job of await Job.resume(connection)) add(job);
  } catch (error) {
    $("announcement").textContent = error.message;
  }
}

function add(job) {
  job.addEventListener("change", () => announce(job));
  visit.add(job);
  show(job);
}

function show(job) {
  stage.show(job);
  visit.mark(job);
}

/** Announces a new state, once, to screen readers. */
function announce(job) {
  const words = `${job.request.prompt ?? "Job"}: ${stateOf(job)}`;
  if ($("announcement").textContent !== words) $("announcement").textContent = words;
}

function idle() {
  const examples = EXAMPLES.map(({ label, kind, values }) =>
    element("button", { type: "button", onclick: () => app.compose(kind, values) }, label),
  );
  return element(
    "div",
    { class: "idle" },
    element("div", { class: "dream", "aria-hidden": true }),
    element("h2", {}, "Write a prompt, press Generate"),
    element("p", {}, connection.inside ? SIMULATED : `Requests go to ${connection.name}, and what they make is charged there.`),
    element("div", { class: "examples" }, examples),
  );
}
