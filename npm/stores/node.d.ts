import type { LeaseOptions, Store } from "./index.js";

export type { LeaseOptions, Store };

/**
 * A store in a folder, one file for each entry: for Node, Deno and Bun. The folder is made when it is missing. Processes of one
 * machine may share it; the jobs of one that crashed are free at once, on Deno or in another container when its lease has
 * passed, which is 15 s by default. After a crash a file is the old one or the new one, never a part.
 *
 * @param directory the path of the folder, or its `file:` URL
 */
export declare function fileStore(directory: string | URL, options?: LeaseOptions): Store;
