// What a benchmark prints: tables for a person, or with `--json` all of it for a program.

import { cpus } from "node:os";

const json = process.argv.includes("--json");
const tables = {};

/** Says something to a person, who may be waiting. */
export function say(text) {
  if (!json) console.log(text);
}

/** Prints rows of named values under a title. */
export function table(title, rows) {
  tables[title] = rows;
  const names = [...new Set(rows.flatMap(Object.keys))];
  const lines = [names, ...rows.map((row) => names.map((name) => `${row[name] ?? ""}`))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  // Words stand left, numbers right.
  const left = names.map((name) => rows.every((row) => typeof row[name] !== "number"));
  const pad = (cell, column) => (left[column] ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  say(`\n${title}\n`);
  for (const line of lines) say(`  ${line.map(pad).join("  ").trimEnd()}`);
}

/** Ends the report; what is `wrong` ends the process with 1. */
export function end(wrong = []) {
  const machine = `${cpus()[0].model.trim()} x ${cpus().length}, Node ${process.versions.node}`;
  if (json) console.log(JSON.stringify({ date: new Date().toISOString(), machine, tables, wrong }, null, 2));
  else console.log(`\n${new Date().toISOString().slice(0, 10)}, ${machine}`);
  for (const sentence of wrong) console.error(`Wrong: ${sentence}`);
  process.exitCode = wrong.length ? 1 : 0;
}

export const round = (value, places = 0) => Number(value.toFixed(places));
