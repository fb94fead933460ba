// Objects by their names, in the memory of a process: each is there once, and as long as it keeps something.

import { log, reason } from "../log.js";
import { MemoryStorage } from "./storage.js";

interface Living<T> {
  object: T;
  storage: MemoryStorage;
  /** Settles when it has read what it keeps. */
  ready: Promise<unknown>;
  /** Calls that have not ended. */
  calls: number;
}

type Method = (...given: unknown[]) => unknown;

export class MemoryObjects<T extends object> {
  private readonly living = new Map<string, Living<T>>();

  constructor(private readonly make: (ctx: DurableObjectState) => T) {}

  /** As what a binding of Cloudflare's gives. */
  get namespace(): DurableObjectNamespace<never> {
    const namespace = {
      idFromName: (name: string) => `name:${name}`,
      newUniqueId: () => `id:${crypto.randomUUID()}`,
      get: (name: string) => this.stub(name),
    };
    return namespace as unknown as DurableObjectNamespace<never>;
  }

  private stub(name: string): object {
    return new Proxy({}, { get: (_, method) => (method === "then" ? undefined : (...given: unknown[]) => this.call(name, method, given)) });
  }

  private async call(name: string, method: string | symbol, given: unknown[]): Promise<unknown> {
    const living = this.living.get(name) ?? this.wake(name);
    living.calls++;
    try {
      await living.ready;
      return await (living.object[method as keyof T] as Method)(...given);
    } finally {
      living.calls--;
      if (!living.calls && living.storage.isForgotten) this.living.delete(name);
    }
  }

  /** An alarm has no caller to report a failure to. */
  private ring(name: string): void {
    if (!this.living.has(name)) return;
    this.call(name, "alarm", []).catch((error) => log({ event: "alarm_failed", error: reason(error) }, []));
  }

  private wake(name: string): Living<T> {
    const storage = new MemoryStorage(() => this.ring(name));
    let ready: Promise<unknown> = Promise.resolve();
    const ctx = {
      id: crypto.randomUUID(),
      storage,
      blockConcurrencyWhile: (work: () => Promise<unknown>) => {
        ready = work();
      },
    };
    const living = { object: this.make(ctx as unknown as DurableObjectState), storage, ready, calls: 0 };
    this.living.set(name, living);
    return living;
  }
}
