// Lists that come in pages, as something to iterate.

import type { FilePage, Generation, Page, UploadedFile } from "../generated/types.js";
import type { ListFilesOptions, ListOptions } from "../types/options.js";

/** All pages. A job made meanwhile moves the others down a page; none is given twice. */
export async function* listAll(
  list: (options: ListOptions) => Promise<Page>,
  given: () => Omit<ListOptions, "offset">,
): AsyncGenerator<Generation, void> {
  const { limit = 100, ...options } = given();
  const seen = new Set<string>();
  let offset = 0;
  // As many new jobs as a page holds may move a page down whole; a list that then gives it once more ignores its offset.
  for (let stale = 0; stale < 2; ) {
    const { generations, has_more } = await list({ ...options, limit, offset });
    const before = seen.size;
    for (const generation of generations) {
      if (!seen.has(generation.id)) yield generation;
      seen.add(generation.id);
    }
    if (!has_more || generations.length === 0) return;
    stale = seen.size > before ? 0 : stale + 1;
    offset += generations.length;
  }
}

/** All files, page by page. */
export async function* listAllFiles(
  list: (options: ListFilesOptions) => Promise<FilePage>,
  given: () => ListFilesOptions,
): AsyncGenerator<UploadedFile, void> {
  const { limit = 100, ...options } = given();
  for (let more = true; more; ) {
    const { files, has_more, next_cursor } = await list({ ...options, limit });
    yield* files;
    more = !!has_more && !!next_cursor && next_cursor !== options.cursor;
    options.cursor = next_cursor;
  }
}
