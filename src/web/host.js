// What the host asks of JavaScript that is more than one step: through bindings it weighs three times as much.
//
// `host` is what the face hands over: { fetch, clock, store, onEvent, complete }. Nothing here may throw: an exception that comes
// out of an import ends the whole instance.

import { Errand } from "./errand.js";

/** What an answer's headers are asked for. In a page, only those that the server exposes are there. */
const HEADERS = [
  "date",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
];

/** What the engine calls a body that is JSON, which a file is not called. */
const JSON_TYPE = "application/json";

/** The error codes by which Node, Bun and Deno tell that no connection was made, so that nothing was sent. */
const NOT_SENT = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_INVALID_URL",
  "ConnectionRefused",
];

/** When `performance.now()` was 0, in ms since 1970. Asked when first needed: a Worker knows no time before its first request. */
let start;

/** As much of a body that is not JSON as an error shows, and a little. */
const EXCERPT = 600;

/** Longer than this a timer of JavaScript fires at once. */
const LONGEST_TIMER = 2e9;

/** How long a machine slept, and how often that is asked, in ms. */
const ASLEEP = 5000;

/** What tells that somebody looks again, or that the network is back. */
const RETURNS = ["visibilitychange", "focus", "online", "pageshow"];

/** Sends a request and reads the answer whole: { status, headers, json | text }, or { lost, sent }. */
export function exchange(task, { fetch }, url, method, headers, body) {
  const abort = new AbortController();
  const errand = new Errand(task, () => abort.abort());
  // Followed to another origin, a redirect would take the key along.
  send(fetch, url, { method, headers, body, redirect: "manual", signal: abort.signal }).then((answer) => errand.done(answer));
  return errand;
}

async function send(fetch, url, init) {
  let sent = false;
  try {
    // A file goes as it is.
    if (init.headers["content-type"] === JSON_TYPE) init.body = JSON.stringify(init.body);
    const answering = fetch(url, init);
    sent = true;
    const answer = await answering;
    const text = await answer.text();
    const received = { status: answer.status, headers: {} };
    for (const name of HEADERS) received.headers[name] = answer.headers.get(name) ?? undefined;
    try {
      received.json = JSON.parse(text);
    } catch {
      received.text = text.slice(0, EXCERPT);
    }
    return received;
  } catch (error) {
    return { lost: reason(error), sent: sent && !NOT_SENT.includes(error?.code ?? error?.cause?.code) };
  }
}

/** Node says no more than "fetch failed"; the cause tells why. */
const reason = (error) => [error?.message ?? error, error?.cause?.message].filter(Boolean).join(": ");

/** What the caller's own code gives: { value } or { lost }. It begins at once, and what is thrown goes no further. */
async function attempt(work) {
  try {
    return { value: await work() };
  } catch (error) {
    return { lost: reason(error) };
  }
}

/** Waits until the wasm's second half is there: {} or { lost }. Without `complete` it is. */
export function complete(task, { complete }) {
  const errand = new Errand(task);
  if (complete) attempt(complete).then((outcome) => errand.done(outcome));
  else errand.over = true;
  return errand;
}

/**
 * Waits so many ms, by the caller's clock where there is one that can. `listen`, where given, is handed what ends the wait
 * sooner, and gives what stops the listening.
 */
export function sleep(task, { clock }, ms, listen) {
  const abort = clock && new AbortController();
  let timer, ignore;
  const callOff = () => {
    ignore?.();
    if (abort) abort.abort();
    else clearTimeout(timer);
  };
  const errand = new Errand(task, callOff);
  const end = () => {
    ignore?.();
    errand.done();
  };
  const wait = () => {
    if (errand.over) return;
    if (!(ms > 0)) return end();
    const step = Math.min(ms, LONGEST_TIMER);
    ms -= step;
    timer = setTimeout(wait, step);
  };
  ignore = listen?.(() => {
    callOff();
    errand.done();
  });
  if (ms === Infinity) return errand;
  if (clock) attempt(() => clock.sleep(ms, abort.signal)).then(({ lost }) => (lost === undefined ? end() : wait()));
  else wait();
  return errand;
}

/**
 * The time in ms since 1970, by the caller's clock where there is one. The machine's own must not jump when somebody sets it: waits and
 * limits are reckoned by it. What it is off by, the dates of the answers tell.
 */
export function now({ clock }) {
  try {
    const told = clock?.now();
    if (typeof told === "number") return told;
  } catch {}
  return (start ??= Date.now() - performance.now()) + performance.now();
}

export const random = () => Math.random();

/** The time that a date tells, in ms since 1970; NaN when it is none. */
export const parse_date = (text) => Date.parse(text);

/** Who waits for each signal's abort: one listener for all of them, since Node takes more than ten for a leak. */
const waiting = new WeakMap();

/** The signal's abort, if there is one: the caller may give anything. */
export function aborted(task, signal) {
  if (!signal?.addEventListener) return new Errand(task);
  let errands = waiting.get(signal);
  if (!errands) {
    const abort = () => errands.forEach((errand) => errand.done());
    errands = new Set();
    errands.leave = (errand) => {
      errands.delete(errand);
      if (errands.size > 0) return;
      waiting.delete(signal);
      signal.removeEventListener("abort", abort);
    };
    waiting.set(signal, errands);
    signal.addEventListener("abort", abort);
  }
  const errand = new Errand(task, () => errands.leave(errand));
  errands.add(errand);
  if (signal.aborted) errand.over = true;
  return errand;
}

/** Which time a clock tells, as a number: 0 is the machine's own. */
const clocks = new WeakMap();
let counted = 0;
export function timeline({ clock }) {
  if (typeof clock !== "object" || !clock) return 0;
  if (!clocks.has(clock)) clocks.set(clock, ++counted);
  return clocks.get(clock);
}

/** Who waits for the next return. A page has one reader: there, one call may wake another. */
const awaiting = new Set();
let returns = 0;
const page = globalThis.document;
function comeBack() {
  if (page.hidden) return;
  returns++;
  for (const end of [...awaiting]) end();
}
if (page) for (const type of RETURNS) addEventListener(type, comeBack);

/** A machine that slept has stood still, and its timers with it; by the calendar it has not. */
let calendar, watching;
function watchCalendar() {
  const before = calendar;
  calendar = Date.now() - performance.now();
  if (watching && Math.abs(calendar - before) > ASLEEP) comeBack();
  watching = awaiting.size > 0 && setTimeout(watchCalendar, ASLEEP);
}

/** Waits so many ms, or until somebody looks at the page again, or the network is back. */
export const nap = (task, host, ms) =>
  sleep(task, host, ms, (end) => {
    awaiting.add(end);
    if (page && !watching) watchCalendar();
    return () => awaiting.delete(end);
  });

/** Whether nobody looks. */
export const hidden = () => !!page?.hidden;

/** When somebody looked again, by the host's own clock: it may be the caller's. */
export function since(host) {
  if ((host.returns ?? 0) !== returns) {
    host.returns = returns;
    host.since = now(host);
  }
  return host.since ?? 0;
}

/** Calls a listener, which the face has made harmless. */
export const tell = (options, listener, event) => options[listener](event);

/** Every entry of the store: { value: [key, value][] } or { lost }. What is not JSON comes as its text. */
export function load(task, { store }) {
  const errand = new Errand(task);
  attempt(async () => Array.from(await store.getAll(), ([key, text]) => [key, read(text)])).then((entries) => errand.done(entries));
  return errand;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The writes under way of each task. */
const writes = [];

/** Writes an entry, or deletes it: {} or { lost }. It goes on when it is left. */
export function write(task, { store }, key, value) {
  const errand = new Errand(task);
  const writing = attempt(() => (value === undefined ? store.delete(key) : store.put(key, JSON.stringify(value))));
  const pending = (writes[task] ??= new Set());
  pending.add(writing);
  writing.then((outcome) => {
    pending.delete(writing);
    errand.done(outcome);
  });
  return errand;
}

/** Takes an entry's lock: { value } with its release, or {} while another client has it, or { lost } when that cannot be told. */
export function lock(task, { store }, key) {
  const errand = new Errand(task);
  attempt(() => (store.lock ? store.lock(key) : () => {})).then((outcome) => errand.done(outcome, () => release(outcome.value)));
  return errand;
}

export function release(lock) {
  try {
    lock?.();
  } catch {}
}

/** Waits so many ms, or until another client may have changed the store, where it can tell. */
export const changed = (task, host, ms) =>
  sleep(task, host, ms, (end) => {
    const abort = new AbortController();
    const { store } = host;
    if (store.changed) attempt(() => store.changed(abort.signal)).then(({ lost }) => lost === undefined && end());
    return () => abort.abort();
  });

/** Settles a call's promise when its writes are durable: in a Worker, what is not awaited is cut off with the response. */
export function finish(task, settle, value) {
  const pending = writes[task];
  delete writes[task];
  if (pending?.size) Promise.all(pending).then(() => settle(value));
  else settle(value);
}
