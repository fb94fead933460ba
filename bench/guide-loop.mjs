// How Luma's guide waits for a job with Luma's own client: a poll every 3 s.

const PAUSE = 3000;

/**
 * @param {import("lumaai").default} client
 * @param {() => Promise<object>} create
 */
export async function guideLoop(client, create) {
  let generation = await create();
  for (;;) {
    generation = await client.generations.get(generation.id);
    if (generation.state === "completed") return generation;
    if (generation.state === "failed") throw new Error(`Generation failed: ${generation.failure_reason}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
