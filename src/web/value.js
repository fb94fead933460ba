// How the wasm looks at JSON and builds it. What takes and gives no text needs no glue, and is called by the wasm directly.

/** False, true, and then in the order of `Kind` in src/value.rs; 0 is null. */
export function kind(value) {
  switch (typeof value) {
    case "boolean":
      return value ? 2 : 1;
    case "number":
      return 3;
    case "string":
      return 4;
    case "object":
      return value === null ? 0 : Array.isArray(value) ? 5 : 6;
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

/** How many items a list has; none what is no list. */
export const count = (value) => (Array.isArray(value) ? value.length : 0);

export const item = (list, index) => list[index];

export const keys = (object) => Object.keys(object);

export const object = () => ({});

export const list = () => [];

export function set(object, key, value) {
  if (Array.isArray(object)) object.push(value);
  else object[key] = value;
}

let kept;

export function hold(value) {
  kept = value;
}

export const held = () => kept;

export const copy = (object) => ({ ...object });
