// The overview as one page: no script, nothing from elsewhere, every value escaped.

import { html, raw } from "hono/html";
import { base64, sha256 } from "../bytes.js";
import { STATES } from "../jobs/job.js";
import type { Hold, QueueOverview } from "../jobs/overview.js";
import type { ErrorEntry } from "../limits/errors.js";
import type { ShownJobs, Spent } from "../limits/overview.js";
import type { Held, Overview } from "./overview.js";
import { STYLE } from "./style.js";

type Html = ReturnType<typeof html>;

/** What the operator may make of a code. */
const MEANINGS: Record<string, string> = {
  budget: "A budget is spent: the creation was refused",
  price_unknown: "No price is known, and no usdUnpriced is set: the creation was refused",
  not_configured: "A key is missing or was refused, or a setting cannot be read: the log says which",
  try_again: "The provider or this server's records could not be reached: nothing was made",
  unknown_outcome: "An answer was lost: the creation may have been made, and stays counted",
  answer_lost: "An answer was lost: the job is being looked for",
  provider: "The provider answered with an error of its own",
  creation_failed: "A creation that was taken up again failed, and is tried again: the log says why",
  queue_failed: "A step of the queue failed, and is done again: the log says why",
  results_not_kept: "Not all results of a job could be copied: the others have the provider's own addresses",
  internal: "This server failed: the log says why",
};

export async function page(overview: Overview): Promise<Response> {
  const { at, day, month, total, callers, queue, running, unknown, errors } = overview;
  const document = await html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>luma-edge: ${dollars(total.usd_today)} today, ${running.count} running</title>
<style>${raw(STYLE)}</style>
<header>
  <h1>luma-edge</h1>
  <p>${time(at)} <a href="/admin">Reload</a></p>
</header>
<main>
  <dl class="figures">
    ${figure("Today", dollars(total.usd_today), limit(total.limits?.usdPerDay, dollars))}
    ${figure("This month", dollars(total.usd_month), limit(total.limits?.usdPerMonth, dollars))}
    ${figure("Waiting", queue.states.waiting ?? 0, queue.oldest_waiting ? `for up to ${age(queue.oldest_waiting, at)}` : "")}
    ${figure("Running", running.count, limit(total.limits?.jobsAtOnce))}
    ${figure("Outcome unknown", unknown.count, unknown.count ? "counted as made" : "")}
  </dl>
  ${section("spend", "Spend by caller", `Days and months are those of UTC: ${day}, ${month}.`, spendTable(callers))}
  ${section("queue", "Queue", "Jobs of the queue that go on, and those that ended in the last 24 hours.", queueTable(queue))}
  ${section("held", "Held", "Nothing is sent for these until then, or until what they wait for comes back.", heldTable(queue))}
  ${section("running", "Jobs running", more(running), jobsTable("running", running, "No job is running."))}
  ${section(
    "unknown",
    "Creations of unknown outcome",
    `They may or may not have been made and charged. They are never sent again, and their prices stay counted. ${more(unknown)}`,
    jobsTable("unknown", unknown, "There is none."),
  )}
  ${section("errors", "Last errors", "The newest first. The log has more under the request id.", errorsTable(errors))}
</main>
</html>`;
  return new Response(String(document), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${base64(new Uint8Array(await sha256(STYLE)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}

const figure = (name: string, value: string | number, beside: Html | string) =>
  html`<div><dt>${name}</dt><dd><strong>${value}</strong> ${beside}</dd></div>`;

const limit = (most: number | undefined, shown: (value: number) => string = String) =>
  most === undefined ? "no limit" : `of ${shown(most)}`;

const section = (id: string, title: string, about: string, content: Html) => html`
  <section>
    <h2 id="${id}">${title}</h2>
    <p>${about}</p>
    ${content}
  </section>`;

function spendTable(callers: Overview["callers"]): Html {
  const row = ({ name, usd_today, usd_month, running, limits }: Held<Spent & { name: string }>) => html`
    <tr>
      <th scope="row">${name}</th>
      <td class="number">${dollars(usd_today)} ${ofBudget(usd_today, limits?.usdPerDay)}</td>
      <td class="number">${dollars(usd_month)} ${ofBudget(usd_month, limits?.usdPerMonth)}</td>
      <td class="number">${running}${limits?.jobsAtOnce === undefined ? "" : html` <small>of ${limits.jobsAtOnce}</small>`}</td>
    </tr>`;
  return table("spend", ["Caller", "Today", "This month", "Running"], callers.map(row), "There are no callers.");
}

/** How much of a budget is spent; the text next to the bar says it as well. */
const ofBudget = (spent: number, budget: number | undefined) =>
  budget === undefined
    ? ""
    : html`<small>of ${dollars(budget)}</small> <meter aria-hidden="true" max="${budget || 1}" high="${0.9 * (budget || 1)}" value="${spent}"></meter>`;

function queueTable({ callers }: QueueOverview): Html {
  const row = ({ name, states, oldest_waiting }: QueueOverview["callers"][number]) => html`
    <tr>
      <th scope="row">${name}</th>
      ${STATES.map((state) => html`<td class="number">${states[state] ?? 0}</td>`)}
      <td>${oldest_waiting ? time(oldest_waiting) : ""}</td>
    </tr>`;
  return table(
    "queue",
    ["Caller", ...STATES.map((state) => state.replace(/^./, (first) => first.toUpperCase())), "Waiting since"],
    callers.map(row),
    "The queue is empty.",
  );
}

const REASONS: Record<Hold["reason"], string> = {
  limit: "A limit of requests or creations a minute",
  concurrency: "As many jobs run as may at once",
  budget: "The budget is spent; what runs may fail and give money back",
  backoff: "A pause after a failure",
  removed: "The caller is no longer in CALLERS: its jobs wait until it is back",
  provider: "The provider refused, or could not be reached",
};

function heldTable({ held }: QueueOverview): Html {
  const row = ({ caller, provider, until, reason }: Hold) => html`
    <tr><th scope="row">${caller ?? "all callers"}</th><td>${provider ?? "all providers"}</td><td class="words">${REASONS[reason]}</td><td>${time(until)}</td></tr>`;
  return table("held", ["Caller", "Provider", "Why", "Until"], held.map(row), "No caller is held.");
}

function jobsTable(id: string, { jobs }: ShownJobs, none: string): Html {
  const row = ({ id, caller, provider, generation, usd, created_at }: ShownJobs["jobs"][number]) => html`
    <tr><th scope="row"><code>${generation ?? id}</code></th><td>${caller}</td><td>${provider}</td><td class="number">${dollars(usd)}</td><td>${time(created_at)}</td></tr>`;
  return table(id, ["Id", "Caller", "Provider", "Price", "Since"], jobs.map(row), none);
}

function errorsTable(errors: readonly ErrorEntry[]): Html {
  const row = ({ at, code, times, caller, provider, request_id }: ErrorEntry) => html`
    <tr>
      <td>${time(at)}</td>
      <th scope="row">${MEANINGS[code] ?? ""} <code>${code}</code>${times > 1 ? html` <small>${times} times</small>` : ""}</th>
      <td>${caller ?? ""}</td><td>${provider ?? ""}</td><td><code>${request_id ?? ""}</code></td>
    </tr>`;
  return table("errors", ["When", "What", "Caller", "Provider", "Request"], errors.map(row), "There were none.");
}

/** Scrolls by itself on a narrow screen, by keyboard too. */
const table = (title: string, heads: readonly string[], rows: readonly Html[], none: string): Html =>
  rows.length === 0
    ? html`<p class="none">${none}</p>`
    : html`<div class="table" role="region" aria-labelledby="${title}" tabindex="0"><table>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table></div>`;

const more = ({ count, jobs }: ShownJobs) => (count > jobs.length ? `The oldest ${jobs.length} of ${count}.` : "");

const dollars = (usd: number) => `$${usd.toFixed(2)}`;

const time = (iso: string) => html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;

/** How long ago, in the unit that fits. */
function age(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
