// Takes the place of `cloudflare:workers` where the objects live in one process.

export class DurableObject<Env = unknown> {
  constructor(
    readonly ctx: DurableObjectState,
    readonly env: Env,
  ) {}
}
