/** A path as problems have it, such as `image_ref[2].url`. */
export const pathText = (path: string[]): string =>
  path.reduce((text, key) => (/^\d+$/.test(key) ? `${text}[${key}]` : text ? `${text}.${key}` : key), "");
