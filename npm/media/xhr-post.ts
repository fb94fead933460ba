// A fetch that tells how much of a body has gone out, which the browser's own does not.

export const createPost = (onProgress) => (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "arraybuffer";
    for (const name in headers) request.setRequestHeader(name, headers[name]);
    request.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total });
    request.onerror = () => reject(new TypeError("Failed to fetch"));
    request.onabort = () => reject(signal.reason);
    request.onload = () => {
      const fields = request.getAllResponseHeaders().trim().split("\r\n").filter(Boolean).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
      // These have no body, not even an empty one.
      const content = [204, 205, 304].includes(request.status) ? null : request.response;
      resolve(new Response(content, { status: request.status, headers: fields }));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
