import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Serves and builds the page. It finds `luma-edge` by the `exports` of package.json, as users do. */
export default {
  root: path("."),
  // Also from a folder of a site.
  base: "./",
  build: {
    // The page's Content-Security-Policy lets no data: URL in.
    assetsInlineLimit: 0,
    // The simulator is large on purpose: this page is for it.
    chunkSizeWarningLimit: 1000,
  },
  server: {
    host: "127.0.0.1",
    // Not the whole project: the page does not use the rest.
    fs: { allow: [path("."), path("../dist")] },
  },
};
