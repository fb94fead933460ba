// What a provider has, as data.

import type { ProviderId } from "../generated/types.js";

/** What a field of a request may hold at a provider. */
export interface CapabilityField {
  /** `enum`: one of `values`, or one that is newer; `media`: an object with one of the fields in `by`. */
  type: "text" | "enum" | "boolean" | "number" | "integer" | "url" | "id" | "object" | "list" | "tagged" | "media" | "one_of";
  required?: boolean;
  values?: string[];
  /** The fewest characters or items, or the least number. */
  min?: number;
  /** The most; `null` where there is no limit. */
  max?: number | null;
  by?: ("url" | "id" | "data" | "file_id")[];
  fields?: Record<string, CapabilityField>;
  variants?: Record<string, Record<string, CapabilityField>>;
  of?: CapabilityField | CapabilityField[];
}

/** What a provider has. */
export interface Capabilities {
  provider: ProviderId;
  /**
   * The kinds of request that it takes, by `generation_type`, each with the model that is filled in, if any, the models that are known,
   * and its fields. A newer model passes.
   */
  requests: Partial<Record<string, { model: string | null; models: string[]; fields: Record<string, CapabilityField> }>>;
  /** Which calls it answers. */
  calls: Record<
    | "upscale"
    | "addAudio"
    | "list"
    | "delete"
    | "credits"
    | "cameraMotions"
    | "concepts"
    | "activeTasks"
    | "ping"
    | "upload"
    | "files"
    | "accounts",
    boolean
  >;
  /** How it takes files itself; `null` where it takes none and `createClient` needs an `upload`. */
  upload: "bytes" | "base64" | null;
  /** Whether a creation whose answer was lost can be found: always, when a single job fits, or never. */
  recovery: "always" | "unique" | "never";
}
