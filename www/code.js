/** The JavaScript that does the same as the form. */
export function codeFor(connection, request, makes) {
  const element = makes.toLowerCase();
  const shown = connection.inside
    ? ["const file = await download(generation);", `${element}.src = URL.createObjectURL(await file.blob());`]
    : [`${element}.src = generation.assets.${element};`];
  return [
    ...connection.code,
    "",
    `const generation = await generate(${literal(request)}, {`,
    "  onUpdate: ({ state, progress }) => console.log(state, progress),",
    "});",
    ...shown,
    "",
  ].join("\n");
}

/** A request as a person writes it: names without quotes, one field a line on the first level. */
function literal(request) {
  const fields = Object.entries(request).map(([name, value]) => `  ${name}: ${inline(value)},\n`);
  return `{\n${fields.join("")}}`;
}

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, part]) => part !== undefined);
  return fields.length ? `{ ${fields.map(([name, part]) => `${name}: ${inline(part)}`).join(", ")} }` : "{}";
}
