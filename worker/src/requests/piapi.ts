// A task of PiAPI as a request of luma-edge: the reverse of src/provider/piapi/wire.rs.

import { type Body, isBody, type Move, moved, put, take } from "./fields.js";

const seconds = (value: unknown) => (typeof value === "number" ? `${value}s` : value);
const picture = (value: unknown) => ({ url: value });

const INPUT: readonly Move[] = [
  ["duration", "duration", seconds],
  ["start_image", "keyframes.frame0", picture],
  ["end_image", "keyframes.frame1", picture],
  ["model_name", "model"],
  ["key_frames", "keyframes"],
];

const CONFIG: readonly Move[] = [
  ["config.service_mode", "service_mode"],
  ["config.webhook_config.endpoint", "callback_url"],
  ["config.webhook_config.secret", "callback_secret"],
];

/** What a task says twice: the model that it is for, and what follows from its input. */
const SAID = { model: ["luma"], task_type: ["video_generation", "extend_video"] };

export function piapi(_path: string, body: Body): Body {
  const task = { ...body };
  const input = take(task, "input");
  for (const [name, words] of Object.entries(SAID)) if (words.some((word) => word === task[name])) delete task[name];
  const config: Body = {};
  for (const [from, to] of CONFIG) put(config, to, take(task, from));
  // Fields left besides the input are not known; the request's own `model` must not hide it.
  const left = Object.fromEntries(Object.entries(task).map(([name, value]) => [`task.${name}`, value]));
  return { ...(isBody(input) ? moved(input, INPUT) : {}), ...config, ...left, generation_type: "video" };
}

/** Which year's fields it has. */
export function schemaOf(body: Body): "2026" | "2025" {
  return isBody(body.input) && ("model_name" in body.input || "key_frames" in body.input) ? "2025" : "2026";
}
