// Whether folders import downward only.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";

/**
 * @param {URL} src the folder of the rooms
 * @param {string[]} rooms each imports only those after it; what lies beside them is for all
 */
export async function checkRooms(src, rooms) {
  const folders = (await readdir(src, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.sort(), [...rooms].sort());
  for (const [index, room] of rooms.entries()) {
    for (const file of await readdir(new URL(`${room}/`, src), { recursive: true })) {
      if (!file.endsWith(".ts")) continue;
      const text = await readFile(new URL(`${room}/${file}`, src), "utf8");
      for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
        const { pathname } = new URL(path, new URL(`${room}/${file}`, src));
        if (!pathname.startsWith(src.pathname)) continue; // the wasm's glue
        const [other, ...rest] = pathname.slice(src.pathname.length).split("/");
        if (rest.length && other !== room) assert.ok(rooms.indexOf(other) > index, `${room}/${file} imports ${other}`);
      }
    }
  }
}
