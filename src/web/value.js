// How the wasm looks at JSON. One step here for what would be several through bindings.

/** In the order of `Kind` in src/value.rs. What is a number but not of JSON's is still one. */
export function kind(value) {
  switch (typeof value) {
    case "boolean":
      return 1;
    case "number":
      return 2;
    case "string":
      return 3;
    case "object":
      return value === null ? 0 : Array.isArray(value) ? 4 : 5;
    default:
      return 0;
  }
}

/** A field, unless it is absent or null. */
export const get = (object, key) => object?.[key] ?? undefined;

/** A field that is a string. */
export const text = (object, key) => string(object?.[key]);

export const string = (value) => (typeof value === "string" ? value : undefined);

/** The value of a number; JSON has none that is NaN. */
export const number = (value) => (typeof value === "number" ? value : NaN);

/** A field that is a number. */
export const num = (object, key) => number(object?.[key]);

export function set(object, key, value) {
  object[key] = value;
}
