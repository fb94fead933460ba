// Why a result could not be copied. It holds no address: anyone who knows the address of a file may read the file.

import type { Generation } from "luma-edge";

export class NotKept extends Error {
  /** The generation with this server's addresses for those of its files that are kept. */
  generation?: Generation;

  /** @param permanent whether trying again is of no use */
  constructor(
    message: string,
    readonly permanent = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A link that is not good any more: the provider may have a newer one. */
export class Expired extends NotKept {}
