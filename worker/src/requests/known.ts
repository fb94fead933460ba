// Whether each field of a request, at any depth, is one that this version knows at its provider, with a size that it knows.

import type { CapabilityField, Problem } from "luma-edge";
import { isBody } from "./fields.js";

/** What a picture or a video may say of itself besides the field that gives it. */
const OF_MEDIA = ["type", "media_type"];

export function unknownFields(field: CapabilityField, value: unknown, path = ""): Problem[] {
  const { type, of } = field;
  if (type === "one_of") {
    const form = (of as CapabilityField[]).find((form) => (form.type === "list") === Array.isArray(value));
    return form ? unknownFields(form, value, path) : [];
  }
  if (Array.isArray(value))
    return of ? value.flatMap((item, index) => unknownFields(of as CapabilityField, item, `${path}[${index}]`)) : [];
  if (type === "media" && typeof value === "string" && !field.by?.includes("url"))
    return [unknown(path, `is not uploaded by this server: give an object with ${field.by?.join(" or ")}`)];
  if (field.values && !isAmong(field.values, value)) return [unknown(path, `must be one of ${field.values.join(", ")}`)];
  if (!isBody(value)) return [];
  const known = fieldsOf(field);
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path ? `${path}.${name}` : name;
    if (!Object.hasOwn(known, name)) return [unknown(at, "is not a field that this server knows")];
    return known[name] ? unknownFields(known[name], inner, at) : [];
  });
}

const unknown = (path: string, message: string): Problem => ({ path, code: "unsupported", message });

/** The library adds the unit to `1080` and `5`. What is neither text nor number is for its rules. */
const isAmong = (values: readonly string[], given: unknown): boolean =>
  !/^(string|number)$/.test(typeof given) ||
  values.some((value) => value === given || value.replace(/(?<=^\d+)[a-z]$/, "") === String(given));

/** The fields that an object may have; undefined for one that holds no object. */
function fieldsOf({ fields, variants, by }: CapabilityField): Record<string, CapabilityField | undefined> {
  const names = variants || by || fields?.url ? [...OF_MEDIA, ...(by ?? [])] : [];
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), ...Object.assign({}, fields, ...Object.values(variants ?? {})) };
}
