/**
 * The same file in the class that `fetch` knows. The page that a test plays (jsdom, happy-dom) has a class of its own, of which `fetch` would
 * send no more than "[object File]".
 */
export async function sendable(file: Blob & { name?: string }): Promise<Blob> {
  if (!globalThis.Response) return file;
  const own = await new Response("").blob();
  if (file instanceof own.constructor) return file;
  const headers = { "content-type": file.type };
  const copy = await new Response(new Uint8Array(await file.arrayBuffer()), { headers }).blob();
  return file.name === undefined ? copy : Object.defineProperty(copy, "name", { value: file.name });
}
