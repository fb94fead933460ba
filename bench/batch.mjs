// 200 videos and 400 pictures within the limits of Luma's Build tier, next to the best that these limits allow and next to Luma's
// own client in the loop of Luma's guide: `npm run bench:batch`.

import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import LumaAI from "lumaai";
import { fastClock, withFastTimers } from "./fast-time.mjs";
import { guideLoop } from "./guide-loop.mjs";
import { idealMakespan } from "./ideal.mjs";
import { end, round, say, table } from "./report.mjs";
import { simulate } from "./served.mjs";
import { trueDurations } from "./true-durations.mjs";

/** How much faster time passes: `npm run bench:batch -- 30`. So many times more weighs a ms of HTTP, in a batch of 25 minutes. */
const SPEED = Number(process.argv.slice(2).find((word) => word > 0) ?? 8);
const SEED = 7;
const CREDITS = 10_000_000;
const KINDS = {
  video: {
    count: 200,
    path: "generations/video",
    concurrent: 10,
    perMinute: 20,
    body: { model: "ray-2", prompt: "A tiger walking in snow" },
  },
  image: {
    count: 400,
    path: "generations/image",
    concurrent: 40,
    perMinute: 80,
    body: { model: "photon-1", prompt: "A teddy bear in sunglasses" },
  },
};
const requests = Object.values(KINDS).flatMap(({ count, body }) => Array(count).fill(body));
const kindOf = ({ model }) => (model === KINDS.video.body.model ? "video" : "image");

/** Runs the whole batch through luma-edge; reports each end. */
async function throughOurs(options, ended) {
  const { generateAll } = createClient({ apiKey: "luma-bench", ...options });
  for await (const { status, request } of generateAll(requests)) ended(kindOf(request), status === "fulfilled");
}

/** Runs the whole batch through the guide's loop, so many at once of each kind. */
async function throughTheirs(baseURL, ended, atOnce) {
  const client = new LumaAI({ authToken: "luma-bench", baseURL });
  const create = { video: (body) => client.generations.video.create(body), image: (body) => client.generations.image.create(body) };
  await Promise.all(
    Object.entries(KINDS).flatMap(([kind, { count, body, [atOnce]: most }]) => {
      let left = count;
      const worker = async () => {
        while (left-- > 0) {
          const delivered = await guideLoop(client, () => create[kind](body)).then(
            () => true,
            () => false,
          );
          ended(kind, delivered);
        }
      };
      return Array.from({ length: most }, worker);
    }),
  );
}

/** Notes when the last job of each kind was delivered, and how many were. */
function watchEnds(now) {
  const start = now();
  const last = { video: 0, image: 0 };
  let delivered = 0;
  return {
    last,
    delivered: () => delivered,
    ended: (kind, well) => {
      delivered += Number(well);
      last[kind] = now() - start;
    },
  };
}

/** How the run compares with the best that could have been done with the jobs that it made. */
async function row(client, { last, delivered }, look) {
  const { requests: sent, limited } = await look("stats");
  const kinds = (await look("generations")).map(({ request }) => kindOf(request));
  const durations = await trueDurations(
    SEED,
    kinds.map((kind) => KINDS[kind]),
  );
  const makespans = Object.entries(KINDS).flatMap(([kind, limit]) => {
    const best = idealMakespan(
      durations.filter((_, index) => kinds[index] === kind),
      limit,
    );
    return [
      [`${kind}s, s`, round(last[kind] / 1000)],
      [`best, s (${kind})`, round(best / 1000)],
      [`lost, % (${kind})`, round((last[kind] / best - 1) * 100, 1)],
    ];
  });
  const total = Object.values(sent).reduce((sum, count) => sum + count, 0);
  const refused = limited.concurrent + limited.perMinute;
  return {
    client,
    delivered: delivered(),
    ...Object.fromEntries(makespans),
    "429s": refused,
    "requests a job": round(total / requests.length, 1),
  };
}

async function overHttp(client, run) {
  const simulator = await simulate({ speed: SPEED, seed: SEED, credits: CREDITS });
  const clock = fastClock(SPEED);
  const ends = watchEnds(clock.now);
  await run(simulator, clock, ends.ended);
  const result = await row(client, ends, simulator.look);
  await simulator.close();
  return result;
}

async function inProcess() {
  const simulator = createSimulator({ clock: "auto", seed: SEED, credits: CREDITS });
  const ends = watchEnds(simulator.now);
  await throughOurs({ fetch: simulator.fetch, clock: simulator.clock }, ends.ended);
  const result = await row("luma-edge, virtual time", ends, (what) => simulator[what]());
  simulator.close();
  return result;
}

const { video, image } = KINDS;
say(
  `${video.count} videos (ray-2, ${video.concurrent} at once, ${video.perMinute} a minute) and ${image.count} pictures (photon-1, ${image.concurrent} at once, ${image.perMinute} a minute).`,
);
say(`Over HTTP, time is sped up ${SPEED} times on both sides. Takes ${Math.ceil(80 / SPEED)} minutes.`);
const rows = [
  await inProcess(),
  await overHttp("luma-edge, HTTP", ({ baseUrl }, clock, ended) => throughOurs({ baseUrl, clock }, ended)),
  await overHttp("lumaai, HTTP, as many at once", ({ baseUrl }, _clock, ended) =>
    withFastTimers(SPEED, () => throughTheirs(baseUrl, ended, "concurrent")),
  ),
  await overHttp("lumaai, HTTP, all at once", ({ baseUrl }, _clock, ended) =>
    withFastTimers(SPEED, () => throughTheirs(baseUrl, ended, "count")),
  ),
];
table("A batch within the limits", rows);
end(
  rows
    .filter((row) => row.client.startsWith("luma-edge"))
    .flatMap((row) => [
      row.delivered < requests.length && `${row.client} did not deliver all`,
      row["429s"] > 0 && `${row.client} ran into a limit`,
    ])
    .filter(Boolean),
);
