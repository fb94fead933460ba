// `luma-edge/proxy`, in a process of this Node: what the proxy does in workerd it does here, except that it forgets with its process.

process.env.LUMA_EDGE_TESTS = "process";
for (const tests of ["proxy", "exchange", "limits", "idempotency"]) await import(`./${tests}.test.mjs`);
