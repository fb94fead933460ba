// Which part of a file is asked for (RFC 9110, section 14). What is not understood, several parts included, asks for the whole.

export interface Part {
  offset: number;
  length: number;
}

/** "none" where the file has no such part. */
export function partOf(range: string | null, size: number): Part | "none" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range?.trim() ?? "") ?? [];
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length ? { offset: size - length, length } : "none";
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return undefined;
  if (offset >= size) return "none";
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return { offset, length: end - offset };
}
