// What the header of a file says: how large a picture is, how long a video lasts. Nothing is decoded, and little is read.

/** The size of a picture in pixels, the length of a video; nothing where the file does not say. */
export interface Measured {
  width?: number;
  height?: number;
  seconds?: number;
}

type Read = (from: number, length: number) => Promise<DataView>;
type Reader = (read: Read, size: number) => Promise<Measured | undefined>;

/** What is not found within so many steps is not looked for any further. */
const STEPS = 500;

const READERS: Record<string, Reader> = {
  "image/png": png,
  "image/jpeg": jpeg,
  "image/webp": webp,
  "video/mp4": movie,
  "video/quicktime": movie,
};

/** `{ width, height }` of a PNG, JPEG or WebP in pixels, `{ seconds }` of an MP4 or a QuickTime file; nothing where it does not say. */
export async function measure(blob: Blob, type: string): Promise<Measured> {
  const read: Read = async (from, length) => new DataView(await blob.slice(from, from + length).arrayBuffer());
  try {
    return (await READERS[type]?.(read, blob.size)) ?? {};
  } catch (error) {
    if (error instanceof RangeError) return {}; // it ends too early
    throw error;
  }
}

const word = (view: DataView, at: number) => String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));

async function png(read: Read): Promise<Measured | undefined> {
  const head = await read(0, 24);
  return word(head, 12) === "IHDR" ? { width: head.getUint32(16), height: head.getUint32(20) } : undefined;
}

/** From segment to segment, to that of the frame: C0 to CF but for C4, C8 and CC, which are tables. */
async function jpeg(read: Read): Promise<Measured | undefined> {
  for (let at = 2, step = 0; step < STEPS; step++) {
    const head = await read(at, 9);
    const marker = head.getUint8(1);
    if (head.getUint8(0) !== 0xff) return undefined;
    if (marker === 0xff)
      at++; // filling
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: head.getUint16(5), width: head.getUint16(7) };
    else at += 2 + head.getUint16(2);
  }
  return undefined;
}

async function webp(read: Read): Promise<Measured | undefined> {
  const head = await read(0, 30);
  const side = (bits: number) => bits & 0x3fff;
  const short = (at: number) => side(head.getUint16(at, true));
  const long = (at: number) => 1 + head.getUint16(at, true) + (head.getUint8(at + 2) << 16);
  switch (word(head, 12)) {
    case "VP8 ":
      return { width: short(26), height: short(28) };
    case "VP8L": {
      const bits = head.getUint32(21, true);
      return { width: 1 + side(bits), height: 1 + side(bits >> 14) };
    }
    case "VP8X":
      return { width: long(24), height: long(27) };
    default:
      return undefined;
  }
}

/** By ISO/IEC 14496-12: the header of the movie, `mvhd`, has the duration; none, or all ones, is not known. */
async function movie(read: Read, size: number): Promise<Measured | undefined> {
  const moov = await box(read, "moov", 0, size);
  const mvhd = moov && (await box(read, "mvhd", moov.from, moov.to));
  if (!mvhd) return undefined;
  const head = await read(mvhd.from, 32);
  const wide = head.getUint8(0) === 1;
  const scale = head.getUint32(wide ? 20 : 12);
  const duration = wide ? Number(head.getBigUint64(24)) : head.getUint32(16);
  return scale && duration && duration < (wide ? 2 ** 63 : 0xffffffff) ? { seconds: duration / scale } : undefined;
}

/** Where the content of the first box of that name lies. */
async function box(read: Read, name: string, from: number, to: number): Promise<{ from: number; to: number } | undefined> {
  for (let at = from, step = 0; at + 16 <= to && step < STEPS; step++) {
    const head = await read(at, 16);
    const wide = head.getUint32(0) === 1;
    // A length of 0: to the end.
    const length = (wide ? Number(head.getBigUint64(8)) : head.getUint32(0)) || to - at;
    if (word(head, 4) === name) return { from: at + (wide ? 16 : 8), to: at + length };
    at += Math.max(8, length);
  }
  return undefined;
}
