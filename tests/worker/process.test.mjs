// `luma-edge/proxy`, in a process of this Node: what the proxy does in workerd it does here, except that it forgets with its process.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createProxy } from "luma-edge/proxy";

test("an option of createProxy that is mistyped is told of at once", () => {
  for (const [options, message] of [
    [{ authorise: () => ({ name: "anne" }) }, "authorise: is not an option of createProxy: env, path, authorize"],
    [{ path: "luma" }, 'path: must begin with "/"'],
    [{ path: 7 }, 'path: must begin with "/"'],
    [{ authorize: "anne" }, "authorize: must be a function"],
    [{ env: "LIMITS" }, "env: must be an object"],
  ])
    assert.throws(() => createProxy(options), new TypeError(`createProxy: ${message}`));
  createProxy({ env: {}, path: undefined, authorize: undefined });
});

process.env.LUMA_EDGE_TESTS = "process";
for (const tests of ["proxy", "exchange", "limits", "idempotency"]) await import(`./${tests}.test.mjs`);
