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

test("a proxy may be at the root, written as a slash or as nothing", async () => {
  for (const path of ["", "/"]) {
    const answer = await createProxy({ env: {}, path })(new Request("https://example.com/agents/generations/1"));
    assert.equal((await answer.json()).code, "not_configured", "it is a path of the proxy's");
  }
});

process.env.LUMA_EDGE_TESTS = "process";
for (const tests of ["proxy", "exchange", "limits", "idempotency"]) await import(`./${tests}.test.mjs`);
