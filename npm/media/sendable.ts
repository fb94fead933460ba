/** The pages that tests play, by how they name themselves: their files are of a class of their own. */
const PLAYED = /jsdom|HappyDOM/;

/** The same file in the class that `fetch` knows. Of a played page's file it would send no more than "[object File]". */
export async function sendable(file: Blob & { name?: string }): Promise<Blob> {
  if (!PLAYED.test(globalThis.navigator?.userAgent ?? "")) return file;
  const headers = { "content-type": file.type };
  const copy = await new Response(new Uint8Array(await file.arrayBuffer()), { headers }).blob();
  return file.name === undefined ? copy : Object.defineProperty(copy, "name", { value: file.name });
}
