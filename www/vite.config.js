import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Serves and builds the page. `luma-edge` is found as anyone finds it: by the `exports` of package.json. */
export default {
  root: path("."),
  // Also from a folder of a site.
  base: "./",
  build: {
    // The page's Content-Security-Policy lets no data: URL in.
    assetsInlineLimit: 0,
    // The simulator is large, and what this page is for.
    chunkSizeWarningLimit: 1000,
  },
  server: {
    host: "127.0.0.1",
    // Not the whole project, which is what the page has no use for.
    fs: { allow: [path("."), path("../dist")] },
  },
};
