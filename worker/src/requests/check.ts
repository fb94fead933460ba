// Whether a request may be made: by the library's own rules, and by what this server adds. Only fields and models that this version knows,
// since a new one may cost more; no private address; nothing that would have to be uploaded first.

import { type Capabilities, createClient, type Estimate, isWarning, type Problem, type ProviderId } from "luma-edge";
import type { Limits } from "../limits/limits.js";
import { Refusal } from "../refusal.js";
import { addressProblems } from "./addresses.js";
import type { Requested } from "./index.js";
import { unknownFields } from "./known.js";

type Form = NonNullable<Capabilities["requests"][keyof Capabilities["requests"]]>;

/**
 * In characters of JSON: more than all texts and addresses that a request can have need. A provider's list shows a hundred requests at once, of
 * all callers, and has to be read whole to find a lost creation.
 */
const LARGEST = 64_000;

/** Sends nothing: what it would ask is answered by the library itself. */
const NOWHERE = "https://luma-edge.invalid";

/**
 * The price of a request that may be made.
 * @param origin of this server, whose own files may be named
 * @param parent of what builds on an earlier generation
 * @throws {Refusal} with every problem of one that may not
 */
export async function checked(
  provider: ProviderId,
  { request, schema }: Requested,
  limits: Limits,
  origin?: string,
  parent?: string,
): Promise<Estimate> {
  if (parent === undefined && DERIVED.includes(String(request.generation_type)))
    throw refusalOf([{ path: "generation_type", code: "unsupported", message: NEEDS_PARENT }]);
  if (JSON.stringify(request).length > LARGEST) throw refusalOf([{ path: "", code: "too_long", message: TOO_LARGE }]);
  const client = createClient({ provider, baseUrl: NOWHERE, ...(schema && { schema }) });
  const rules = (await client.validate(request)).filter((problem) => !isWarning(problem));
  const isNew = ({ path }: Problem) => !rules.some((known) => known.path === path);
  const problems = [...rules, ...[...(await unknown(client, request, limits)), ...addressProblems(request, origin)].filter(isNew)];
  if (problems.length) throw refusalOf(problems);
  return client.estimate(request as never);
}

const TOO_LARGE = `The request is too large: ${LARGEST} characters of JSON are the most.`;

function refusalOf(problems: Problem[]): Refusal {
  const detail = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
  return new Refusal(422, "invalid_request", detail, { problems });
}

async function unknown(client: ReturnType<typeof createClient>, request: Record<string, unknown>, limits: Limits): Promise<Problem[]> {
  const { requests } = await client.capabilities();
  const { generation_type: named, ...fields } = request;
  const isNamed = named !== undefined && named !== null; // to the library `null` is no name
  const form = isNamed ? requests[named as keyof typeof requests] : formOf(requests, fields);
  if (!form) return []; // the library says that there is no such form
  const problems = unknownFields({ type: "object", fields: form.fields }, fields);
  // What the form is and so its own model, is a guess where the request does not name it: good enough, unless models are limited.
  const model = request.model ?? (!isNamed && limits.models ? "" : form.model);
  const allowed = limits.models ?? form.models;
  if (allowed && typeof model === "string" && !allowed.includes(model))
    problems.push({ path: "model", code: "unsupported", message: `must be one of ${allowed.join(", ")}` });
  return problems;
}

const NEEDS_PARENT = "builds on an earlier generation: it is asked for at that generation's own path";

/** What builds on an earlier generation is always named. */
const DERIVED = ["upscale_video", "add_audio"];

/** The form of a request that does not name it: of those that have its model, the one that knows most of its fields. */
function formOf(forms: Capabilities["requests"], fields: Record<string, unknown>): Form | undefined {
  const known = Object.entries(forms).flatMap(([name, form]) => (form && !DERIVED.includes(name) ? [form] : []));
  const ofModel = known.filter(({ models }) => models?.includes(String(fields.model)));
  const countUnknown = ({ fields: has }: Form) => Object.keys(fields).filter((name) => !Object.hasOwn(has, name)).length;
  return [forms.video, ...(ofModel.length ? ofModel : known)]
    .filter((form) => form !== undefined && (!ofModel.length || ofModel.includes(form)))
    .reduce<Form | undefined>((best, form) => (best && form && countUnknown(best) <= countUnknown(form) ? best : form), undefined);
}
