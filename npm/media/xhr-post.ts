// A fetch that reports how much of a body has been sent, which the browser's own does not.

import type { Fetch } from "../fetch/fetch.js";
import type { ProgressListener } from "./types.js";

export const createPost =
  (onProgress: ProgressListener): Fetch =>
  (url, init) =>
    new Promise((resolve, reject) => {
      // As the WebAssembly makes it.
      const { method, headers, body, signal } = init as {
        method: string;
        headers: Record<string, string>;
        body: Blob;
        signal: AbortSignal;
      };
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.responseType = "arraybuffer";
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total });
      request.onerror = () => reject(new TypeError("Failed to fetch"));
      request.onabort = () => reject(signal.reason);
      request.onload = () => {
        const lines = request.getAllResponseHeaders().trim().split("\r\n").filter(Boolean);
        const fields = lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
        // A Response of these has no body, not even an empty one.
        const content = [204, 205, 304].includes(request.status) ? null : request.response;
        resolve(new Response(content, { status: request.status, headers: fields }));
      };
      signal.addEventListener("abort", () => request.abort());
      request.send(body);
    });
