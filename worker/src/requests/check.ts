// Whether a request may be made: by the library's own rules, and by what this server adds. Only fields and models that this version knows,
// since a new one may cost more; no private address; nothing that would have to be uploaded first.

import { createClient, type Estimate, isWarning, type Problem, type ProviderId } from "luma-edge";
import type { Limits } from "../limits/limits.js";
import { Refusal } from "../refusal.js";
import { addressProblems } from "./addresses.js";
import type { Requested } from "./index.js";
import { unknownFields } from "./known.js";

/** Sends nothing: what it would ask is answered by the library itself. */
const NOWHERE = "https://luma-edge.invalid";

/** The price of a request that may be made. @throws {Refusal} with every problem of one that may not */
export async function checked(provider: ProviderId, { request, schema }: Requested, limits: Limits): Promise<Estimate> {
  const client = createClient({ provider, baseUrl: NOWHERE, ...(schema && { schema }) });
  const rules = (await client.validate(request)).filter((problem) => !isWarning(problem));
  const isNew = ({ path }: Problem) => !rules.some((known) => known.path === path);
  const problems = [...rules, ...[...(await unknown(client, request, limits)), ...addressProblems(request)].filter(isNew)];
  if (problems.length) {
    const detail = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
    throw new Refusal(422, "invalid_request", detail, { problems });
  }
  return client.estimate(request as never);
}

async function unknown(client: ReturnType<typeof createClient>, request: Record<string, unknown>, limits: Limits): Promise<Problem[]> {
  const { requests } = await client.capabilities();
  const form = requests[request.generation_type as keyof typeof requests] ?? formOf(requests, request.model);
  if (!form) return []; // the library says that there is no such form
  const { generation_type: _, ...fields } = request;
  const problems = unknownFields({ type: "object", fields: form.fields }, fields);
  const model = request.model ?? form.model;
  const allowed = limits.models ?? form.models;
  if (allowed && typeof model === "string" && !allowed.includes(model))
    problems.push({ path: "model", code: "unsupported", message: `must be one of ${allowed.join(", ")}` });
  return problems;
}

/** The form of a request that does not name it: that of its model. */
function formOf<Form extends { models?: string[] }>(forms: Partial<Record<string, Form>>, model: unknown): Form | undefined {
  const known = Object.values(forms).filter((form) => form !== undefined);
  return known.find((form) => form.models?.includes(String(model))) ?? known[0];
}
