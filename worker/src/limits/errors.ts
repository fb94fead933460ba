// The last errors that matter to the operator of this server. Only codes and names: no prompt, no token, no address.

export interface ErrorEntry {
  at: string;
  code: string;
  /** How often it came in a row. */
  times: number;
  caller?: string;
  provider?: string;
  /** Of the last of them, as the log has it. */
  request_id?: string;
}

const MOST = 50;
const NAME = "errors";

export class Errors {
  private entries: ErrorEntry[] | undefined;

  constructor(private readonly storage: Pick<DurableObjectStorage, "get" | "put">) {}

  /** The newest first. */
  async list(): Promise<ErrorEntry[]> {
    return (this.entries ??= (await this.storage.get<ErrorEntry[]>(NAME)) ?? []);
  }

  async add(error: Omit<ErrorEntry, "at" | "times">): Promise<void> {
    await this.list();
    const [last, ...others] = this.entries as ErrorEntry[]; // as they are now: another may have been added meanwhile
    // Of a caller that tries the same again and again one line is enough, and the lines of others stay.
    const again = last && last.code === error.code && last.caller === error.caller && last.provider === error.provider;
    const entry = { ...error, at: new Date().toISOString(), times: again ? last.times + 1 : 1 };
    this.entries = [entry, ...(last && !again ? [last] : []), ...others].slice(0, MOST);
    await this.storage.put(NAME, this.entries);
  }
}
