// `GET /health`, for everybody: whether this server can read its settings, and whether the storage of each part that it has answers.

import { type Env, settingsOf } from "./env.js";
import { queueOf } from "./jobs/stub.js";
import { accountOf } from "./limits/account.js";

/** How long a part may take, in ms. */
const TIMEOUT = 5000;

/** @throws {Refusal} for settings that cannot be read */
export async function health(env: Env): Promise<Response> {
  settingsOf(env);
  const asked: Record<string, Promise<unknown>> = {
    records: accountOf(env).ping(),
    ...(env.QUEUE && { jobs: queueOf(env).ping() }),
    ...(env.RESULTS && { results: env.RESULTS.head("health") }), // that there is no such file is an answer
  };
  const parts = await Promise.all(Object.entries(asked).map(async ([name, answer]) => [name, await stateOf(answer)] as const));
  const isWell = parts.every(([, state]) => state === "ok");
  return Response.json({ status: isWell ? "ok" : "failing", parts: Object.fromEntries(parts) }, { status: isWell ? 200 : 503 });
}

async function stateOf(answer: Promise<unknown>): Promise<"ok" | "failing"> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("too late")), TIMEOUT);
  });
  try {
    await Promise.race([answer, late]);
    return "ok";
  } catch {
    return "failing";
  } finally {
    clearTimeout(timer);
  }
}
