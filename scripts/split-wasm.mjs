// Parts a wasm in two that share one memory: what is there from the start, and a second half that is brought later. The second half is
// some functions that are called through the table only, and whatever nothing but they reach; its places in the table are empty until it
// is instantiated, with the first one's exports for its imports.

import binaryen from "binaryen";
import { dataSegments } from "./trim-wasm.mjs";

/** A name in the text form, behind its "$". */
const NAME = /\$("[^"]*"|[^\s()]+)/;
const CALL = new RegExp(/\((?:return_call|call|ref\.func) /.source + NAME.source, "g");

/** How the exports are called that are for the second half: by what they are, and its name. */
const LABEL = /^(func|memory|table|global):/;

/** Whether an export of the first half is for the second. */
export const isForSecond = (name) => LABEL.test(name);

/**
 * @param {Uint8Array} wasm with its names
 * @param {RegExp} seam the names of the functions by which the second half is entered
 * @returns {{ first: Uint8Array, second: (from: string, names: Record<string, string>) => Uint8Array }} the first half, with its
 *   names, and what gives the second one, once it is known what the first one is called there, and what its exports are
 */
export function split(wasm, seam) {
  const { features, ...forms } = formsOf(wasm);
  const code = new Map(forms.func.map((form) => [nameOf(form), form]));
  const [elements] = forms.elem;
  const table = tableOf(elements);
  const exported = forms.export.map((form) => nameOf(form.slice(form.indexOf("(", 2))));

  const entries = table.filter(({ name }) => seam.test(name));
  if (!entries.length) throw new Error(`There is no ${seam} in the table of functions`);
  const slots = entries.map(({ slot }) => slot);
  const early = reached([...exported, ...table.flatMap(({ slot, name }) => (slots.includes(slot) ? [] : name))], code);
  const shared = entries.find(({ name }) => early.has(name));
  if (shared) throw new Error(`${shared.name} is called in another way than by the table`);
  checkVtables(wasm, slots);

  const late = [...reached(entries.map(({ name }) => name), code)].filter((name) => !early.has(name));
  const wanted = mentioned(late.map((name) => code.get(name)).join("\n"), late, forms);

  const first = [
    ...[forms.type, forms.import, forms.global, forms.memory, forms.data, forms.table, forms.export].flat(),
    ...withoutSlots(elements, table, slots),
    ...wanted.map(({ kind, name }) => ` (export "${labelOf(kind, name)}" (${kind} $${name}))`),
    // What nothing calls any more may call what is for the second half only.
    ...[...code].filter(([name]) => early.has(name)).map(([, form]) => form),
  ];
  const second = (from, names) => [
    ...forms.type,
    ...wanted.map(({ kind, name, form }) => ` (import "${from}" "${names[labelOf(kind, name)]}" ${asImport(kind, name, form)})`),
    ...entries.map(({ slot, name }) => ` (elem (table $${nameOf(forms.table[0])}) (i32.const ${slot}) func $${name})`),
    ...late.map((name) => code.get(name)),
  ];
  return { first: assemble(first, features), second: (from, names) => assemble(second(from, names), features) };
}

/** The text of each part of a module, by its kind. */
function formsOf(wasm) {
  const module = binaryen.readBinary(wasm);
  const text = module.emitText();
  const features = module.getFeatures();
  module.dispose();
  const forms = { features, type: [], import: [], global: [], memory: [], data: [], table: [], elem: [], export: [], func: [] };
  for (const form of text.slice(0, text.lastIndexOf("\n)")).split(/\n(?= \()/).slice(1)) {
    const kind = /^ \((\w+)/.exec(form)[1];
    if (!forms[kind]) throw new Error(`The wasm has a ${kind}, which scripts/split-wasm.mjs does not know`);
    forms[kind].push(form);
  }
  if (forms.elem.length !== 1) throw new Error("The functions of the table are not in one piece");
  return forms;
}

function assemble(forms, features) {
  const module = binaryen.parseText(`(module\n${forms.join("\n")}\n)`);
  module.setFeatures(features);
  if (!module.validate()) throw new Error("The parted wasm is not valid");
  binaryen.setDebugInfo(true);
  const binary = module.emitBinary();
  module.dispose();
  return binary;
}

const nameOf = (form) => NAME.exec(form)[1];

/** What stands in the table of functions, and where. */
function tableOf(form) {
  const from = Number(/\(i32\.const (\d+)\)/.exec(form)[1]);
  const names = form.slice(form.indexOf(") func ")).matchAll(new RegExp(NAME, "g"));
  return [...names].map(([, name], index) => ({ slot: from + index, name }));
}

/** The same table with holes. */
function withoutSlots(form, table, slots) {
  const runs = [];
  for (const { slot, name } of table) {
    if (slots.includes(slot)) continue;
    if (runs.at(-1)?.end === slot) runs.at(-1).names.push(name), runs.at(-1).end++;
    else runs.push({ start: slot, end: slot + 1, names: [name] });
  }
  const of = /\(table [^)]+\)/.exec(form)?.[0] ?? "";
  return runs.map(({ start, names }) => ` (elem ${of} (i32.const ${start}) func ${names.map((name) => `$${name}`).join(" ")})`);
}

/** What can be called, directly or not, by what is called by these names. */
function reached(names, code) {
  const seen = new Set();
  for (const todo = [...names]; todo.length; ) {
    const name = todo.pop();
    if (seen.has(name) || !code.has(name)) continue;
    seen.add(name);
    for (const [, callee] of code.get(name).matchAll(CALL)) todo.push(callee);
  }
  return seen;
}

/** What that text names and is not of its own: functions, the memory, tables, globals. */
function mentioned(text, own, forms) {
  const imported = (kind) => forms.import.filter((form) => form.includes(`(${kind} $`)).map((form) => form.slice(form.indexOf(`(${kind} $`), -1));
  const called = new Set([...text.matchAll(CALL)].map(([, name]) => name));
  const functions = [...imported("func"), ...forms.func].filter((form) => called.has(nameOf(form)) && !own.includes(nameOf(form)));
  const used = (form) => text.includes(` $${nameOf(form)}`);
  return [
    ...functions.map((form) => ({ kind: "func", name: nameOf(form), form })),
    ...forms.memory.map((form) => ({ kind: "memory", name: nameOf(form), form })),
    // The first table also takes the functions.
    ...forms.table.filter((form, index) => index === 0 || used(form)).map((form) => ({ kind: "table", name: nameOf(form), form })),
    ...forms.global.filter(used).map((form) => ({ kind: "global", name: nameOf(form), form })),
  ];
}

const labelOf = (kind, name) => `${kind}:${name.replaceAll('"', "")}`;

/** How what the first half has is imported: by its type. */
function asImport(kind, name, form) {
  if (kind === "func") return `(func $${name} ${(form.split("\n")[0].match(/\((param|result) [^)]*\)/g) ?? []).join(" ").replace(/\$\S+ /g, "")})`;
  if (kind === "global") return `(global $${name} ${/\(mut \w+\)|(?<=\$\S+ )\w+/.exec(form)[0]})`;
  return form.trim();
}

const WORD = 4;

/**
 * The table's places are told in vtables: { drop, size, align, method, ... }. The linker makes one function of two that are the same, so
 * that what drops a future of the second half might drop another thing as well, before there is a second half.
 */
function checkVtables(wasm, slots) {
  const view = new DataView(wasm.buffer, wasm.byteOffset, wasm.byteLength);
  for (const { from, start, end } of dataSegments(wasm)) {
    for (let at = start + ((WORD - (from % WORD)) % WORD); at + 4 * WORD <= end; at += WORD) {
      const [drop, size, align, method] = [0, 1, 2, 3].map((index) => view.getUint32(at + index * WORD, true));
      const isVtable = slots.includes(drop) && size > 0 && [1, 2, 4, 8].includes(align) && size % align === 0;
      if (isVtable && !slots.includes(method)) throw new Error(`The function ${drop} of the table drops more than the second half`);
    }
  }
}
