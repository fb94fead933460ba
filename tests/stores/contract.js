// What every store must do. Plain JavaScript without imports, so that it runs wherever a store does: Node, pages, Workers.

/**
 * Runs all of it.
 * @param {() => import("luma-edge/stores").Store} open gives another client's store over the same, empty place
 * @param {{ many?: number, announces?: boolean }} [options] `many`: entries that take several reads; `announces`: whether a
 *   client in the same program hears of changes
 * @returns {Promise<Record<string, string>>} "fine", or what was wrong, by rule
 */
export async function keepsContract(open, { many = 20, announces = true } = {}) {
  const outcome = {};
  for (const [name, rule] of Object.entries(rules)) {
    try {
      await rule(open, { many, announces });
      outcome[name] = "fine";
    } catch (error) {
      outcome[name] = String(error?.stack ?? error);
    }
    for (const [key] of await open().getAll()) await open().delete(key);
  }
  return outcome;
}

/** What `keepsContract` gives for a good store. */
export const kept = () => Object.fromEntries(Object.keys(rules).map((name) => [name, "fine"]));

const TICKET = "ticket:01jd-x7";

const rules = {
  async "what one client writes another reads"(open) {
    const [a, b] = [open(), open()];
    same(await all(a), []);
    await a.put(TICKET, '{"state":"waiting"}');
    same(await all(b), [[TICKET, '{"state":"waiting"}']]);
    await b.put(TICKET, '{"state":"sent"}');
    await b.put("durations", "{}");
    same(await all(a), [
      ["durations", "{}"],
      [TICKET, '{"state":"sent"}'],
    ]);
    await a.delete(TICKET);
    await a.delete("ticket:never-there");
    same(await all(b), [["durations", "{}"]]);
  },

  async "values come back as they were"(open) {
    const values = [
      '{"prompt":"Ein Tiger 🐯 im \\"Schnee\\"\\u0000\\n\\u2028"}',
      "",
      "not JSON {",
      JSON.stringify({ prompt: "é".repeat(30_000) }),
    ];
    for (const value of values) {
      await open().put(TICKET, value);
      same(await all(open()), [[TICKET, value]]);
    }
  },

  async "writes of a key take effect in order, awaited or not"(open) {
    const [gone, stays] = ["ticket:gone", "ticket:stays"];
    const store = open();
    const writes = [
      store.put(gone, "1"),
      store.put(stays, "1"),
      store.delete(stays),
      store.put(stays, "2"),
      store.put(gone, "2".repeat(50_000)),
      store.put(stays, "3"),
      store.delete(gone),
    ];
    await Promise.all(writes);
    same(await all(open()), [[stays, "3"]]);
  },

  async "all entries are found, however many"(open, { many }) {
    const store = open();
    const entries = Array.from({ length: many }, (_, index) => [`ticket:${String(index).padStart(6, "0")}`, `${index}`]);
    await Promise.all(entries.map(([key, value]) => store.put(key, value)));
    same(await all(open()), entries);
  },

  async "one client at a time works on an entry"(open) {
    const [a, b] = [open(), open()];
    if (!a.lock) return;
    const release = await a.lock(TICKET);
    same(typeof release, "function");
    same(await b.lock(TICKET), undefined);
    same(await a.lock(TICKET), undefined);
    same(await all(b), [], "a lock is no entry");
    const other = await b.lock("ticket:other");
    same(typeof other, "function");
    await a.put(TICKET, "1");
    await a.put(TICKET, "2");
    release();

    const next = await until(() => b.lock(TICKET));
    release();
    same(await a.lock(TICKET), undefined, "a second release frees nobody else's lock");
    await b.delete(TICKET);
    next();
    other();
    (await until(() => a.lock(TICKET)))();
  },

  async "who gets a lock finds what was written under it"(open) {
    const [a, b] = [open(), open()];
    if (!a.lock) return;
    const release = await a.lock("ticket:inherited");
    await a.put("ticket:inherited", "1");
    a.put("ticket:inherited", "2".repeat(50_000));
    const deleted = a.delete("ticket:inherited");
    release();
    const next = await until(() => b.lock("ticket:inherited"));
    same(await all(b), []);
    await deleted;
    next();
  },

  async "of many who want a lock at once one gets it"(open) {
    if (!open().lock) return;
    const stores = Array.from({ length: 8 }, open);
    const releases = (await Promise.all(stores.map((store) => store.lock("ticket:wanted")))).filter(Boolean);
    same(releases.length, 1);
    releases[0]();
    (await until(() => stores[0].lock("ticket:wanted")))();
  },

  async "a change is heard of"(open, { announces }) {
    const [a, b] = [open(), open()];
    if (!a.changed) return;
    await a.changed(AbortSignal.abort());
    const acts = {
      nothing: () => {},
      ...(announces && {
        put: () => b.put(TICKET, "1"),
        delete: () => b.delete(TICKET),
        release: async () => (await b.lock(TICKET))(),
      }),
    };
    for (const [name, act] of Object.entries(acts)) {
      const patience = new AbortController();
      let heard = false;
      const changed = a.changed(patience.signal).then(() => (heard = true));
      await act();
      if (name === "nothing") {
        await all(a);
        same(heard, false, name);
        patience.abort();
      }
      await changed;
    }
  },
};

async function all(store) {
  return [...(await store.getAll())].map(([key, value]) => [key, value]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Asks again until there is an answer: releases take their time, and none of them tells. */
async function until(ask) {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function same(found, expected, what = "") {
  const [left, right] = [found, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`${what} found ${left?.slice(0, 300)}, expected ${right?.slice(0, 300)}`);
}
