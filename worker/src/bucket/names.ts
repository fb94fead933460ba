// What a file is called in the bucket and in its address. Anyone who knows the name may read the file, so a name says nothing and cannot be
// guessed: 128 random bits.

import { randomName } from "../bytes.js";
import { endingOf } from "./types.js";

const FORM = /^[\w-]{22}\.[a-z0-9]{2,4}$/;

/** The folders of the bucket, which are also the paths of this server. */
export const FOLDERS = ["results", "uploads"] as const;
export type Folder = (typeof FOLDERS)[number];

/** A new name for a file of this type. */
export const newName = (type: string): string => `${randomName()}.${endingOf(type)}`;

export const keyOf = (folder: Folder, name: string): string => `${folder}/${name}`;

export const isName = (text: string): boolean => FORM.test(text);

/** Whether this is the address of a file that this server keeps. */
export function isOwnFile(address: string, origin: string): boolean {
  const [, folder, name, ...rest] = address.startsWith(`${origin}/`) ? address.slice(origin.length).split("/") : [];
  return FOLDERS.some((known) => known === folder) && name !== undefined && isName(name) && !rest.length;
}
