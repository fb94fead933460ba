/** How much faster than real time the simulator behind the port is: see installed.mjs. */
const SPEED = 20;

/** Keys of the form that each of the other providers has. */
const OTHERS = { agents: "luma-api-any", useapi: "user:1-any", piapi: "any" };

/**
 * What a user does: makes a video and an image over the network, and with the simulator inside of the program a video at each
 * provider, changing one option; downloads the image. Says how each ended.
 */
export async function program({ createClient, createSimulator }, baseUrl) {
  const video = { model: "ray-2", prompt: "A tiger walking in snow", resolution: "540p", duration: "5s" };
  const image = { model: "photon-flash-1", prompt: "A teddy bear in sunglasses playing electric guitar" };
  const apiKey = "luma-any-key-will-do";
  const simulator = createSimulator({ clock: "auto" });

  const overNetwork = createClient({ apiKey, baseUrl });
  const overNetworkInHaste = createClient({ apiKey, baseUrl, clock: hasty() });
  const inside = createClient({ apiKey, fetch: simulator.fetch, clock: simulator.clock });
  const done = await Promise.all([overNetworkInHaste.generate(video), overNetwork.generate(image), inside.generate(video)]);
  const picture = await overNetwork.download(done[1]);
  for (const [provider, apiKey] of Object.entries(OTHERS)) {
    const { generate } = createClient({ provider, apiKey, fetch: simulator.fetch, clock: simulator.clock });
    done.push({ ...(await generate({ prompt: video.prompt })), model: provider });
  }
  return [...done.map(({ state, model }) => `${state} ${model}`), picture.headers.get("content-type")];
}

/** The clock of a machine whose time passes as fast as the simulator's. */
function hasty() {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * SPEED,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const timer = ms < Infinity ? setTimeout(resolve, ms / SPEED) : undefined;
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}
