// The browser of the tests.

import { chromium } from "playwright-core";
import { findChromium } from "../scripts/setup.mjs";

/** As it runs without a screen, as root and without a network beyond this machine. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser that the set-up found, with these flags beside its own. */
export const launch = (...flags) => chromium.launch({ executablePath: findChromium(), args: [...FLAGS, ...flags] });
