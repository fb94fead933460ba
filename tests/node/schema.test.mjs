// Bodies that a schema takes, at random: none is refused but by a rule of docs/refusals.md, and what goes out is what the schema takes.
// SEED=17 makes others, BODIES=3000 more of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import { createClient } from "luma-edge";
import { MODELS, sampler } from "../schemas/sampler.mjs";

const seed = Number(process.env.SEED ?? 1);
const bodies = Number(process.env.BODIES ?? 150);
/** So many at least are to be taken: more are drawn until they were. */
const LEAST = 6;
const file = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const schemas = JSON.parse(file("tests/schemas/requests.json"));

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addFormat("uri", URL.canParse);
ajv.addFormat("uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** The refusing rules, by provider: `field code` for each. */
const refusals = Object.fromEntries(
  file("docs/refusals.md")
    .split("\n## ")
    .slice(1)
    .map((section) => {
      const [provider, ...lines] = section.split("\n");
      const rows = lines.filter((line) => line.startsWith("| `")).map((line) => line.split(" | "));
      for (const [, , , , source] of rows) assert.ok(source?.replace("|", "").trim(), `${provider}: a rule without a source`);
      const rules = rows.flatMap(([fields, , codes]) =>
        fields.split(", ").flatMap((field) => codes.split(", ").map((code) => `${field} ${code}`.replaceAll(/[|`]/g, "").trim())),
      );
      return [provider, new Set(rules)];
    }),
);

/** What every provider refuses, as the head of that page says. */
const isGeneral = ({ code, path }, provider) => code === "invalid_url" || (provider === "agents" && path.endsWith(".data"));

const hasRule = (provider, problem) => {
  const field = problem.path.replaceAll(/\[\d+\]/g, "[]");
  const rules = refusals[provider];
  const last = field.replace(/\[\]$/, "");
  // An object of media is described by its own row.
  const holder = field.replace(/\.(url|id|data|file_id|media_type)$/, "");
  const name = field.split(".").at(-1);
  return [field, last, holder, name].some((name) => rules.has(`${name} ${problem.code}`)) || isGeneral(problem, provider);
};

/** Whether all of the other value is in a value, which may have more: a default, the media type of an address. */
function contains(value, other) {
  if (typeof other !== "object") return value === other;
  return Object.keys(other).every((key) => value && key in value && contains(value[key], other[key]));
}

const isWarning = ({ code }) => code === "disputed" || code === "suspicious";

/** A client whose creations are taken, whatever they are, and kept. */
function recording(provider, options) {
  const sent = [];
  const fetch = async (_, init) => {
    sent.push(JSON.parse(init.body));
    const job = { id: `job-${sent.length}`, type: "video", state: "completed", model: "m", created_at: new Date().toISOString() };
    return Response.json({ ...job, data: { task_id: job.id, status: "completed" }, jobid: job.id, status: "completed" }, { status: 201 });
  };
  return { client: createClient({ apiKey: "luma-api-test", provider, fetch, limits: "none", recovery: "report", ...options }), sent };
}

for (const [provider, forms] of Object.entries(schemas)) {
  for (const [form, schema] of Object.entries(forms)) {
    test(`${provider}: ${form}, seed ${seed}`, async (t) => {
      t.diagnostic(`SEED=${seed} BODIES=${bodies}`);
      const validate = ajv.compile(schema);
      const sample = sampler(seed, schema);
      const { client, sent } = recording(provider);
      const make = (body) => {
        if (form === "upscale_video") return client.upscale("job", body);
        if (form === "add_audio") return client.addAudio("job", body);
        return client.create(body);
      };
      let taken = 0;
      for (let count = 0; count < bodies || (taken < LEAST && count < 100 * bodies); count += 1) {
        const body = sample();
        assert.ok(validate(body), `the sampler's own: ${JSON.stringify(body)} ${JSON.stringify(validate.errors)}`);
        try {
          await make(body);
        } catch (error) {
          assert.equal(error.code, "invalid_request", `${JSON.stringify(body)}: ${error.stack}`);
          const unfounded = error.problems.filter((problem) => !isWarning(problem) && !hasRule(provider, problem));
          assert.deepEqual(unfounded, [], JSON.stringify(body));
          continue;
        }
        taken += 1;
        const out = sent.at(-1);
        assert.ok(validate(out), `${JSON.stringify(body)} went out as ${JSON.stringify(out)}: ${JSON.stringify(validate.errors)}`);
        // All that was given is sent.
        assert.ok(contains(out, body), `${JSON.stringify(body)} went out as ${JSON.stringify(out)}`);
      }
      assert.ok(taken >= LEAST, `only ${taken} were taken`);
    });
  }
}

/** A schema of the values that a table gives a field. */
function schemaOf(field) {
  const objects = (fields) => ({
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, schemaOf(inner)])),
    required: Object.entries(fields).flatMap(([name, inner]) => (inner.required ? [name] : [])),
  });
  const media = {
    url: { url: { type: "string", format: "uri" } },
    id: { type: { const: "generation" }, id: { type: "string", format: "uuid" } },
    data: { data: { const: "AAAA" }, media_type: { enum: ["image/png"] } },
    file_id: { file_id: { enum: ["f-1", "f-2"] } },
  };
  switch (field.type) {
    case "text":
      return { type: "string", minLength: Math.max(1, field.min ?? 1) };
    case "enum":
      return { enum: field.values };
    case "boolean":
      return { type: "boolean" };
    case "number":
      return { type: "number", minimum: field.min, maximum: field.max };
    case "integer":
      return { type: "integer", minimum: 0 };
    case "url":
      return { type: "string", format: "uri" };
    case "id":
      return { type: "string", format: "uuid" };
    case "object":
      return objects(field.fields);
    case "tagged":
      return {
        oneOf: Object.entries(field.variants).map(([tag, fields]) => {
          const inner = objects(fields);
          return { ...inner, properties: { type: { const: tag }, ...inner.properties }, required: ["type", ...inner.required] };
        }),
      };
    case "list":
      return { type: "array", items: schemaOf(field.of), minItems: field.min, maxItems: field.max ?? undefined };
    case "media":
      return { oneOf: field.by.map((by) => ({ type: "object", properties: media[by], required: Object.keys(media[by]) })) };
    case "one_of":
      return { oneOf: field.of.map(schemaOf) };
    default:
      throw new Error(`no schema of ${field.type}`);
  }
}

for (const provider of ["dream-machine", "agents", "useapi", "piapi"]) {
  test(`${provider}: what the tables say, seed ${seed}`, async () => {
    const { client } = recording(provider);
    const { requests } = await client.capabilities();
    for (const [form, { fields, models }] of Object.entries(requests)) {
      if (form === "upscale_video" || form === "add_audio") continue;
      const { properties, required } = schemaOf({ type: "object", fields });
      properties.generation_type = { const: form };
      if (properties.model) properties.model = { enum: [...models, MODELS.newer] };
      const sample = sampler(seed, { type: "object", properties, required: [...required, "generation_type"] });
      let taken = 0;
      for (let count = 0; count < bodies; count += 1) {
        const body = sample();
        const problems = (await client.validate(body)).filter((problem) => !isWarning(problem));
        assert.deepEqual(
          problems.filter((problem) => !hasRule(provider, problem)),
          [],
          JSON.stringify(body),
        );
        taken += problems.length === 0;
      }
      assert.ok(taken > 0, `${form}: none was taken`);
    }
  });
}
