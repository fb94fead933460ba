// Values that a schema takes, drawn from a seed.

/** A model that no version knows yet. */
export const MODELS = { newer: "model-of-tomorrow" };

const TEXTS = ["A tiger", "A tiger walking in snow", "", "x", "🐅🐅🐅", "Ein Bär\nim Schnee ", "鷺".repeat(5200), "null", "  "];
const ADDRESSES = ["https://example.com/a.jpg", "https://example.com/b", "http://example.org:8080/c.mp4?d=e#f", "https://example.com"];
const NUMBERS = [0, 1, 0.5, -1, 3, 1e9, -0.25, 120, 240];

/** Makes values of a schema. */
export function sampler(seed, root) {
  let state = seed >>> 0 || 1;
  /** xorshift32. */
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const hex = (length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const within =
    ({ minimum = -Infinity, maximum = Infinity }) =>
    (number) =>
      number >= minimum && number <= maximum;

  function text({ format, minLength = 0 }) {
    if (format === "uri") return pick(ADDRESSES);
    if (format === "uuid") return [8, 4, 4, 4, 12].map(hex).join("-");
    return pick(TEXTS.filter(({ length }) => length >= minLength));
  }

  function list({ items, minItems = 0, maxItems = 6, uniqueItems }) {
    const length = Math.min(maxItems, minItems + Math.floor(random() * 4));
    const values = Array.from({ length }, () => value(items));
    return uniqueItems ? [...new Set(values)] : values;
  }

  /** Required fields always, the others now and then; of those that one of several sets requires, one set. */
  function object({ properties, required = [], oneOf }) {
    const chosen = oneOf ? pick(oneOf).required : Object.keys(properties).filter((name) => required.includes(name) || random() < 0.3);
    return Object.fromEntries(chosen.map((name) => [name, value(properties[name])]));
  }

  function value(schema) {
    if (schema.$ref) return value(root.$defs[schema.$ref.split("/").at(-1)]);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return pick(schema.enum);
    if (schema.anyOf) return value(pick(schema.anyOf));
    if (schema.properties) return object(schema);
    if (schema.oneOf) return value(pick(schema.oneOf));
    if (schema.type === "string") return text(schema);
    if (schema.type === "boolean") return random() < 0.5;
    if (schema.type === "integer") return pick(NUMBERS.filter(Number.isInteger).filter(within(schema)));
    if (schema.type === "number") return pick(NUMBERS.filter(within(schema)));
    if (schema.type === "array") return list(schema);
    throw new Error(`no value of ${JSON.stringify(schema)}`);
  }

  return () => value(root);
}
