// Moves fields of a body from where a provider has them to where a request has them. What is not moved stays, and is found to be unknown.

export type Body = Record<string, unknown>;

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes the value at a path out of a body; the objects that this empties go with it. */
export function take(body: Body, path: string): unknown {
  const [name = "", ...rest] = path.split(".");
  if (!Object.hasOwn(body, name)) return undefined;
  const value = body[name];
  if (!rest.length) {
    delete body[name];
    return value;
  }
  if (!isBody(value)) return undefined;
  const inner = { ...value };
  const taken = take(inner, rest.join("."));
  if (taken === undefined) return undefined;
  if (Object.keys(inner).length) body[name] = inner;
  else delete body[name];
  return taken;
}

/** Puts a value at a path; one that is undefined is not put. */
export function put(body: Body, path: string, value: unknown): void {
  if (value === undefined) return;
  const [name = "", ...rest] = path.split(".");
  if (!rest.length) body[name] = value;
  else {
    const inner = body[name];
    body[name] = isBody(inner) ? inner : {};
    put(body[name] as Body, rest.join("."), value);
  }
}

/** The path at the provider, the path in a request, and how the value is read. */
export type Move = readonly [from: string, to: string, read?: (value: unknown) => unknown];

export function moved(body: Body, moves: readonly Move[]): Body {
  const rest = { ...body };
  const taken = moves.map(([from, to, read]) => [to, take(rest, from), read] as const);
  for (const [to, value, read] of taken) put(rest, to, value !== undefined && read ? read(value) : value);
  return rest;
}

export const each =
  (read: (value: unknown) => unknown) =>
  (value: unknown): unknown =>
    Array.isArray(value) ? value.map(read) : value;

export { isBody };
