import type { LeaseOptions, Store } from "./index.js";

export type { LeaseOptions, Store };

/**
 * A store in a folder, one file for each entry: for Node, Deno and Bun. The folder is made when it is missing. Processes of one
 * machine may share it; the jobs of one that ended are free at once, or on Deno when its lease of 15 s has passed. A file is the
 * old one or the new one after a crash, never a part.
 *
 * @param directory the path of the folder, or its `file:` URL
 */
export declare function fileStore(directory: string | URL, options?: LeaseOptions): Store;
