// The demo page, used as a person uses it, in Chromium.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { build, createServer, preview } from "vite";
import { root } from "../../scripts/setup.mjs";
import { launch } from "../chromium.mjs";

const WWW = join(root, "www");
/** What is waited for is there within a second or two; a busy machine may take longer. */
const PATIENCE = 30_000;

const KEY = "luma-api-key-to-keep-at-home";

let server; // the page as `npm start` serves it
let built; // the page as it is put on a site
let apis; // the base URLs of a simulator behind a port
let browser;
const ends = [];

before(async () => {
  server = await createServer({ root: WWW, logLevel: "warn", server: { port: 0 } });
  await server.listen();
  ends.push(() => server.close());

  const outDir = await mkdtemp(join(tmpdir(), "luma-edge-www-"));
  await build({ root: WWW, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  built = await preview({ root: WWW, base: "/demo/", logLevel: "warn", build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
  ends.push(
    () => built.close(),
    () => rm(outDir, { recursive: true }),
  );

  const simulator = spawn(
    process.execPath,
    [join(root, "dist/entries/cli.js"), "simulate", "--port", "0", "--speed", "60", "--api-key", KEY],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  ends.push(() => simulator.kill());
  const [told] = await once(simulator.stdout.setEncoding("utf8"), "data");
  apis = told
    .trim()
    .split("\n")
    .filter((line) => line.includes(" http")) // others say what makes a client as fast
    .map((line) => line.split(" ")[1]);

  browser = await launch();
  ends.push(() => browser.close());
});

after(async () => {
  for (const end of ends.reverse()) await end();
});

/** A test on a fresh page, which must stay free of errors and of requests to anyone but its own server and `allowed`. */
function onPage(name, use, { url = () => server.resolvedUrls.local[0], allowed = () => [] } = {}) {
  test(name, { timeout: 4 * PATIENCE }, async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const wrong = [];
    const origins = new Set();
    page.on("console", (message) => {
      // A client asks a server of another origin whether it knows idempotency keys; the simulator has no such path.
      const isQuestion = message.location().url.endsWith("/creations/0");
      if (["error", "warning"].includes(message.type()) && !isQuestion) wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => origins.add(new URL(request.url()).origin));
    page.on("websocket", (socket) => origins.add(new URL(socket.url()).origin.replace(/^ws/, "http")));
    await page.goto(url());
    await use(page);
    await page.close();
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      [...origins].filter((origin) => ![new URL(url()).origin, ...allowed()].includes(origin)),
      [],
    );
  });
}

const speedUp = (page) => setSpeed(page, 60);

async function setSpeed(page, speed) {
  await page.getByRole("button", { name: "Where does it go?" }).click();
  await page.getByText(`${speed}×`, { exact: true }).click();
  await page.getByRole("button", { name: "Close" }).click();
}

async function useDreamMachine(page) {
  await page.getByRole("button", { name: "Where does it go?" }).click();
  await page.getByText("Dream Machine", { exact: true }).click();
  await page.getByRole("button", { name: "Close" }).click();
}

const prompt = (page) => page.getByRole("textbox", { name: "Prompt" });
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const choose = (page, makes, kind) => page.getByRole("group", { name: makes }).getByText(kind, { exact: true }).click();
const fact = (page, name) => page.locator(".facts div", { has: page.getByText(name, { exact: true }) }).locator("dd");
const problem = (page, path) => page.locator(`[data-path="${path}"] > .problem`);

onPage("a prompt becomes a video that plays", async (page) => {
  await speedUp(page);
  await prompt(page).fill("A heron on one leg");
  await prompt(page).press("Control+Enter");
  await page.getByRole("progressbar").waitFor();

  const video = page.locator("#stage video");
  await video.waitFor();
  await page.waitForFunction(() => document.querySelector("#stage video").currentTime > 0.2);
  assert.deepEqual(await video.evaluate(({ videoWidth, videoHeight, paused }) => [videoWidth, videoHeight, paused]), [1280, 720, false]);
  assert.equal(await fact(page, "Size").textContent(), "1280 × 720, 5 s");
  assert.equal(await fact(page, "Model").textContent(), "ray-3.2");
});

onPage("the bar moves while the job is made, and is not full before it is", async (page) => {
  await press(page, "Generate");
  const bar = page.getByRole("progressbar");
  const part = async () => Number(await bar.getAttribute("aria-valuenow"));
  await bar.waitFor();
  const first = await part();
  await page.waitForFunction((first) => Number(document.querySelector("[role=progressbar]").ariaValueNow) > first, first);
  assert.ok((await part()) < 100);
  assert.match(await page.locator("#stage .progress").textContent(), /(Queued|Dreaming).* s of usually 75 s/);
});

onPage("an image has the ratio that was asked for, and is kept under its id", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill("A lighthouse at dusk");
  await page.getByText("9:16", { exact: true }).click();
  await press(page, "Generate");
  const image = page.locator("#stage img");
  await image.waitFor();
  assert.equal(await fact(page, "Size").textContent(), "1152 × 2048");

  const download = page.waitForEvent("download");
  await press(page, "Download");
  const id = await fact(page, "Id").locator("code").textContent();
  assert.equal((await download).suggestedFilename(), `${id}.png`);
});

onPage("a problem appears beside its field while one types, and nothing is sent", async (page) => {
  await useDreamMachine(page);
  await choose(page, "Video", "Images");
  assert.equal(await page.locator(".problem:visible").count(), 0, "nothing is wrong before anything was touched");
  await prompt(page).fill("ab");
  await page.getByText("Prompt is too short, minimum length is 3 characters").waitFor();
  assert.equal(await problem(page, "prompt").textContent(), "Prompt is too short, minimum length is 3 characters");
  assert.equal(await problem(page, "keyframes").isVisible(), false, "keyframes were not touched");

  await press(page, "Generate");
  assert.equal(await problem(page, "keyframes").textContent(), "No keyframes provided");
  await page.getByLabel("Start").fill("blob:of-this-page");
  await problem(page, "keyframes.frame0").getByText("is no address that a server can fetch").waitFor();
  assert.equal(await problem(page, "keyframes").isVisible(), false);

  await prompt(page).fill("A heron");
  await page.getByLabel("Start").fill("https://example.com/heron.jpg");
  await page.getByText("About $0.71 for 5s at 720p").waitFor();
  assert.equal(await page.locator(".problem:visible").count(), 0);
  assert.equal(await page.locator("#log-count").textContent(), "0");
});

onPage("the weight of the second reference is judged beside the second reference", async (page) => {
  await useDreamMachine(page);
  await choose(page, "Image", "References");
  const content = page.getByRole("group", { name: "Content from" });
  for (const place of [0, 1, 2]) {
    await content.getByRole("button", { name: "Add a picture" }).click();
    // The first row stays empty: it is not sent, so the path of the third is image_ref[1].
    if (place > 0) await content.getByLabel("Content from: address").nth(place).fill(`https://example.com/${place}.jpg`);
  }
  await content.getByLabel("Content from: weight").nth(2).fill("3");
  await content.getByText("must be 0 to 1").waitFor();
  assert.deepEqual(await content.locator(".rows .problem").allTextContents(), ["", "", "must be 0 to 1"]);
});

onPage("a refusal is shown as one: whose fault it is, that it is refunded, and no second try of the same", async (page) => {
  await speedUp(page);
  await prompt(page).fill("A heron [fail:moderation]");
  await press(page, "Generate");
  await page.getByRole("heading", { name: "Refused" }).waitFor();
  const told = await page.locator("#stage").textContent();
  for (const words of ["Content was flagged by moderation", "The request: it has to change", "RefundedYes", "Codemoderated"])
    assert.ok(told.includes(words), words);
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);

  await prompt(page).fill("Something else");
  await press(page, "Edit");
  assert.equal(await prompt(page).inputValue(), "A heron [fail:moderation]");
});

onPage("a failure of the provider's may be tried again", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill("A heron [fail:job]");
  await press(page, "Generate");
  await press(page, "Try again");
  await page.locator("#history-list button").nth(1).waitFor();
  assert.equal(await page.locator("#history-list button").count(), 2);
});

onPage("waiting can be cancelled and taken up again, for the same job", async (page) => {
  await setSpeed(page, 1); // it must not end before it is cancelled
  await choose(page, "Image", "Text");
  await prompt(page).fill("A heron that takes its time [slow]");
  await press(page, "Generate");
  await page.getByText("Queued", { exact: true }).waitFor();
  await press(page, "Cancel waiting");
  await page.getByText("the job goes on").waitFor();
  assert.equal(await page.getByRole("progressbar").count(), 0);

  await speedUp(page);
  await press(page, "Wait again");
  await page.locator("#stage img").waitFor();
  await page.locator("#log-panel summary").click();
  const creations = page.locator("#log tbody tr", { hasText: "POST" });
  assert.equal(await creations.count(), 1, "nothing was bought twice");
});

onPage("several jobs run at once; each is a click away, and goes on to others", async (page) => {
  await useDreamMachine(page);
  await speedUp(page);
  await prompt(page).fill("A slow heron [slow]");
  await press(page, "Generate");
  await page.getByText("Queued", { exact: true }).waitFor();
  await prompt(page).fill("A quick heron");
  await press(page, "Generate");
  await page.locator("#stage video").waitFor();
  await page.getByRole("button", { name: /^A slow heron/ }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "A quick heron: Completed" }).click();
  await page.locator("#stage video").waitFor();

  await press(page, "Extend");
  assert.equal(await page.getByLabel("Start").inputValue(), await fact(page, "Id").locator("code").textContent());
  await press(page, "Upscale to 1080p");
  await page.getByText("1920 × 1080, 5 s").waitFor();
});

onPage("a double click buys one", async (page) => {
  await page.getByRole("button", { name: "Generate" }).dblclick();
  await page.getByText("Queued", { exact: true }).waitFor();
  assert.equal(await page.locator("#history-list button").count(), 1);
});

onPage("a reload loses nothing: what is finished is there, what runs goes on, and nothing is bought again", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill("A finished heron");
  await press(page, "Generate");
  await page.locator("#stage img").waitFor();
  const id = await fact(page, "Id").locator("code").textContent();
  await setSpeed(page, 1); // the next one must not end before the page is there again
  await prompt(page).fill("A heron that takes its time [slow]");
  await press(page, "Generate");
  await page.getByText("Queued", { exact: true }).waitFor();

  await page.reload();
  await page.getByRole("progressbar").waitFor();
  await speedUp(page);
  await page.getByRole("button", { name: "A finished heron: Completed" }).click();
  await page.locator("#stage img").waitFor();
  assert.equal(await fact(page, "Id").locator("code").textContent(), id);
  await page.getByRole("button", { name: "A heron that takes its time [slow]: Completed" }).click();
  await page.locator("#stage img").waitFor();
  await page.locator("#log-panel summary").click();
  assert.equal(await page.locator("#log tbody tr", { hasText: "POST" }).count(), 0);
  assert.equal(await page.locator("#history-list button").count(), 2);
});

onPage("a job that is removed does not come back with a reload", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await press(page, "Generate");
  await page.locator("#stage img").waitFor();
  await page.reload();
  await page.locator("#stage img").waitFor();
  await press(page, "Remove");
  await page.getByRole("heading", { name: "Write a prompt, press Generate" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Where does it go?" }).waitFor();
  await page.waitForFunction(() => document.querySelector("#code").textContent);
  assert.equal(await page.locator("#history-list button").count(), 0);
});

onPage("another API has its own kinds and models, and each keeps its own jobs", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill("A heron of Agents");
  await press(page, "Generate");
  await page.locator("#stage img").waitFor();
  await useDreamMachine(page);
  assert.equal(await prompt(page).inputValue(), "A heron of Agents");
  assert.deepEqual(await page.getByLabel("Model").locator("option").allTextContents(), ["photon-1", "photon-flash-1"]);
  await page.locator("#code", { hasText: 'provider: "dream-machine"' }).waitFor();
  await prompt(page).fill("A heron of Dream Machine");
  await press(page, "Generate");
  await page.getByRole("button", { name: "A heron of Dream Machine: Completed" }).waitFor();
  await choose(page, "Image", "Reframe");
  await page.getByRole("button", { name: "Where does it go?" }).click();
  await page.getByText("Agents", { exact: true }).click();
  await press(page, "Close");
  assert.equal(await page.getByRole("group", { name: "Image" }).getByText("Reframe", { exact: true }).count(), 0);
  assert.equal(await page.locator("#history-list button").count(), 2);
});

onPage("four variations are four jobs of one request", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill("A heron in fog");
  await press(page, "Four variations");
  await page.waitForFunction(() => document.querySelectorAll("#history-list img").length === 4);
  const seen = await page.locator("#history-list img").evaluateAll((images) => images.map(({ src }) => src));
  assert.equal(new Set(seen).size, 4);
});

onPage("what waits for its turn says how many go before it, and can be left and taken up", async (page) => {
  await prompt(page).fill("A flock of herons");
  for (const count of [4, 8, 12]) {
    await press(page, "Four variations");
    await page
      .locator("#history-list li")
      .nth(count - 1)
      .waitFor();
    await page.locator("button.primary:not([aria-disabled])").first().waitFor();
  }
  await page.getByRole("button", { name: "A flock of herons: Waiting for its turn" }).nth(1).click();
  await page.getByText(/^1 before it, in about \d+ s$/).waitFor();
  await press(page, "Cancel waiting");
  await page.getByText("the job goes on").waitFor();
  await press(page, "Wait again");
  await page.getByRole("progressbar").waitFor();
  await speedUp(page);
  await page.locator("#stage video").waitFor();
  assert.equal(await page.locator("#history-list button").count(), 12);
});

onPage("the code that is shown does the same", async (page) => {
  await speedUp(page);
  await choose(page, "Image", "Text");
  await prompt(page).fill('A heron "in quotes"');
  await page.locator("#code", { hasText: "in quotes" }).waitFor();
  const code = await page.locator("#code").textContent();
  const program = `globalThis.image = {};\n${code}\nconsole.log(generation.model, image.src);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { cwd: root });
  assert.match(stdout, /uni-1 blob:/);
});

onPage("camera concepts are asked of the provider and go into the request and its code", async (page) => {
  await useDreamMachine(page);
  await page.getByText("Camera concepts").click();
  await page.getByText("dolly zoom", { exact: true }).click();
  await page.locator("#code", { hasText: 'concepts: [{ key: "dolly_zoom" }]' }).waitFor();
});

onPage("nothing is wider than a small telephone", async (page) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [makes, kind] of [
    ["Video", "Text"],
    ["Video", "Images"],
    ["Video", "Modify"],
    ["Image", "References"],
    ["Image", "Modify"],
  ]) {
    await choose(page, makes, kind);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, `${makes}, ${kind}`);
  }
});

onPage(
  "an endpoint of one's own answers as well, and the key goes nowhere else",
  async (page) => {
    const api = new URL("/agents/v1", apis[0]).href;
    const told = [];
    page.on("request", (request) => told.push([request.url(), request.headers().authorization]));
    await page.getByRole("button", { name: "Where does it go?" }).click();
    await page.getByText("Your own endpoint").click();
    await page.getByLabel("Base URL").fill(api);
    await page.getByLabel("Key").fill(KEY);
    await press(page, "Use this endpoint");
    await page.getByText(new URL(api).host).first().waitFor();

    await choose(page, "Image", "Text");
    await page.getByLabel("Model").selectOption("uni-1-max");
    await press(page, "Generate");
    const image = page.locator("#stage img");
    await image.waitFor();
    const link = await image.getAttribute("src");
    assert.equal(new URL(link).origin, new URL(api).origin, "shown by its own link");
    const download = page.waitForEvent("download");
    await press(page, "Download");
    await download;

    for (const [url, authorization] of told) assert.equal(authorization, url.startsWith(api) ? `Bearer ${KEY}` : undefined, url);
    const kept = await page.evaluate(() =>
      [document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify([localStorage, sessionStorage])].join(),
    );
    assert.equal(kept.includes(KEY), false);
  },
  { allowed: () => apis.map((api) => new URL(api).origin) },
);

onPage(
  "the page works when it is built, also from a folder of a site",
  async (page) => {
    await speedUp(page);
    await choose(page, "Image", "Text");
    await press(page, "Generate");
    await page.locator("#stage img").waitFor();
  },
  { url: () => built.resolvedUrls.local[0] },
);
