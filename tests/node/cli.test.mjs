// The simulator behind a port.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { createClient } from "luma-edge";
import { createSimulator } from "luma-edge/simulator";
import { run, simulate } from "./luma-edge.mjs";

const headers = { authorization: "Bearer k", "content-type": "application/json" };
const video = { method: "POST", headers, body: JSON.stringify({ model: "ray-2", prompt: "A heron on one leg" }) };

test("what was mistyped is told of in a sentence", async () => {
  const cases = [
    [[], "say what to do: simulate"],
    [["emulate"], 'there is no command "emulate"'],
    [["simulate", "--speedy"], "Unknown option '--speedy'"],
    [["simulate", "--speed", "fast"], '--speed takes a number, not "fast"'],
    [["simulate", "--speed", "0"], '--speed takes a number, not "0"'],
    [["simulate", "--port", "99999"], '--port takes a number up to 65535, not "99999"'],
    [["simulate", "--base-url", "files.example"], '--base-url takes an http(s) address, not "files.example"'],
    [["simulate", "--faults", "create:boom"], "fault `create:boom`: unknown kind `boom`"],
    [["simulate", "--limits", "scale"], '`limits`: expected "build", "none"'],
    [["simulate", "--validation", "strict"], "unknown variant `strict`"],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr, stdout } = await run(...args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.ok(stderr.startsWith("luma-edge: ") && stderr.includes(expected), stderr);
    assert.doesNotMatch(stderr, /\n\s+at /, "a stack is no help");
  }
  const { code, stdout } = await run("--help");
  assert.equal(code, 0);
  assert.match(stdout, /Usage: luma-edge simulate/);
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  assert.deepEqual(await run("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("a port that is taken is told of", async (t) => {
  const { root } = await simulate(t);
  const { port } = new URL(root);
  const { code, stderr } = await run("simulate", "--port", port);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`));
});

test("it says what makes a client as fast, and that does", async (t) => {
  const { told } = await simulate(t, "--speed", "50");
  const [, baseUrl] = /^agents (\S+)$/m.exec(told);
  const [, option] = /^ +clock: (.+?) \/\/ from "luma-edge\/simulator"$/m.exec(told);
  const clock = new Function("createSimulator", `return ${option}`)(createSimulator);
  const began = performance.now();
  const { generate } = createClient({ provider: "agents", apiKey: "luma-api-any", baseUrl, clock });
  const { state } = await generate({ prompt: "A tiger walking in snow" }, { timeout: 300_000 });
  assert.equal(state, "completed");
  assert.ok(performance.now() - began < 15_000);
});

test("it answers, shows what it holds, and skips time", async (t) => {
  const { baseUrl, root, look, advance } = await simulate(t, "--speed", "1", "--api-key", "k", "--api-key", "other", "--credits", "500");
  assert.match(await (await fetch(root)).text(), /dream-machine\s+\/dream-machine\/v1/);
  assert.equal((await fetch(`${baseUrl}/ping`, { headers: { authorization: "Bearer wrong" } })).status, 401);
  const created = await (await fetch(`${baseUrl}/generations/video`, video)).json();
  await advance(3_600_000);
  const path = `${baseUrl}/generations/${created.id}`;
  const { state, assets } = await (await fetch(path, { headers })).json();
  assert.equal(state, "completed");
  assert.ok(assets.video.startsWith(`${root}/storage/`));
  const file = await fetch(assets.video, { headers: { range: "bytes=4-7" } });
  assert.deepEqual([file.status, await file.text()], [206, "ftyp"]);
  assert.equal((await fetch(path, { method: "DELETE", headers })).status, 204);
  assert.equal((await fetch(path, { method: "PATCH", headers })).status, 405);
  assert.deepEqual(await look("generations"), []);
  assert.equal((await look("requests")).find(({ route }) => route === "video").body, video.body);
  const stats = await look("stats");
  assert.deepEqual([stats.created, stats.credits.balance + stats.credits.charged], [{ video: 1, image: 0 }, 500]);
  assert.equal((await fetch(`${root}/__simulator/nothing`)).status, 404);
});

test("links to files may be to another name", async (t) => {
  const { baseUrl, root, advance } = await simulate(t, "--base-url", "http://luma.example/");
  const { id } = await (await fetch(`${baseUrl}/generations/video`, video)).json();
  await advance(3_600_000);
  const { assets } = await (await fetch(`${baseUrl}/generations/${id}`, { headers })).json();
  assert.ok(assets.video.startsWith("http://luma.example/storage/"), assets.video);
  assert.equal((await fetch(assets.video.replace("http://luma.example", root), { method: "HEAD" })).status, 200);
});

/** What arrives of an answer, byte by byte, until the connection ends or `ms` pass. */
async function wire(root, path, ms = 500) {
  const { hostname, port } = new URL(root);
  const socket = connect(port, hostname);
  let received = "";
  socket.on("data", (chunk) => (received += chunk));
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer k\r\n\r\n`);
  const timer = setTimeout(() => socket.destroy(), ms);
  const late = await Promise.race([
    once(socket, "end").then(
      () => false,
      () => false,
    ),
    once(socket, "close").then(() => true),
  ]);
  clearTimeout(timer);
  socket.destroy();
  return { late, received };
}

test("faults are those of a real connection", async (t) => {
  const { root, baseUrl, look } = await simulate(t, "--faults", "ping:cut@1,ping:truncated@2,ping:silence@3,create:cut-after@1");
  const path = `${new URL(baseUrl).pathname}/ping`;
  assert.deepEqual(await wire(root, path), { late: false, received: "" });
  const truncated = await wire(root, path);
  assert.match(truncated.received, /^HTTP\/1.1 200 OK\r\n[\s\S]*content-length: 18\r\n[\s\S]*\r\n\r\n\{"message$/i);
  assert.equal(truncated.late, false);
  assert.deepEqual(await wire(root, path), { late: true, received: "" });
  assert.match((await wire(root, path)).received, /\{"message":"pong"\}$/);
  await assert.rejects(fetch(`${baseUrl}/generations/video`, video), { name: "TypeError" });
  assert.equal((await look("generations")).length, 1);
});

test("it ends on a signal, whatever is under way", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const { child, baseUrl, look } = await simulate(t, "--faults", "ping:silence");
    const pending = fetch(`${baseUrl}/ping`, { headers }).catch(() => "cut");
    while ((await look("requests")).length === 0);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.equal(await pending, "cut");
  }
});
