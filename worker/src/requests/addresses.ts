// Addresses that a request names are fetched or posted to by the provider. One that leads into a private network is refused here, in any
// notation: `URL` reads an IPv4 address in decimal, octal and hexadecimal.

import type { Problem } from "luma-edge";
import { isOwnFile } from "../bucket/names.js";

const PRIVATE_V4: readonly [network: string, bits: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Names that lead to this machine or this network. */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|test|invalid|onion|home\.arpa)$/;
/** Names that lead to the address within them, such as `127.0.0.1.nip.io`. */
const MIRRORS = /(?:^|\.)(?:nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com)$/;

/** Why it must not be fetched; undefined when it may. */
export function whyPrivate(address: string): string | undefined {
  if (!URL.canParse(address)) return "must be a whole address, such as https://example.com/picture.jpg";
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") return "must begin with https://";
  if (username || password) return "must hold no user name and no password";
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return isPrivate(host) ? "must be a public address" : undefined;
}

function isPrivate(host: string): boolean {
  if (host.startsWith("[")) return isPrivateV6(host.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPrivateV4(numberOf(host));
  return !host.includes(".") || PRIVATE_NAMES.test(host) || MIRRORS.test(host);
}

const numberOf = (v4: string): number => v4.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

function isPrivateV4(number: number): boolean {
  return PRIVATE_V4.some(([network, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(number / size) === Math.floor(numberOf(network) / size);
  });
}

/** Public are those of 2000::/3 alone, and in it neither documentation nor a tunnel to IPv4. */
function isPrivateV6(host: string): boolean {
  const groups = groupsOf(host);
  const [first = 0, second = 0] = groups;
  if (first >> 13 !== 1) return true;
  return first === 0x2002 || (first === 0x2001 && (second === 0 || second === 0xdb8));
}

/** The eight numbers of an address as `URL` writes it. */
export function groupsOf(host: string): number[] {
  const [head = "", tail] = host.split("::");
  const numbers = (part: string) => (part ? part.split(":").map((group) => parseInt(group, 16)) : []);
  const [before, after] = [numbers(head), numbers(tail ?? "")];
  return tail === undefined ? before : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Fields that hold an address and nothing else. */
const ADDRESSES = ["url", "callback_url"];
/** Fields that are never fetched, even if they look like an address. */
const TEXTS = ["prompt", "negative_prompt"];
/** What a provider, or the library in its place, would fetch or read. A word and a colon begin many a text, and ids of useapi. */
const FETCHED = ["http:", "https:", "ftp:", "file:", "data:", "blob:"];

/**
 * What is wrong with the addresses of a request, whichever field they stand in.
 * @param origin of this server, whose own files may be named wherever it runs
 */
export function addressProblems(value: unknown, origin?: string, path = "", name = ""): Problem[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => addressProblems(item, origin, `${path}[${index}]`));
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .filter(([name]) => path || !TEXTS.includes(name))
      .flatMap(([name, inner]) => addressProblems(inner, origin, path ? `${path}.${name}` : name, name));
  if (typeof value !== "string" || !(ADDRESSES.includes(name) || isFetched(value))) return [];
  const message = origin !== undefined && isOwnFile(value, origin) ? undefined : whyPrivate(value);
  return message ? [{ path, code: "invalid_url", message }] : [];
}

const isFetched = (text: string): boolean => URL.canParse(text) && FETCHED.includes(new URL(text).protocol);
