// useapi.net keeps each file in one of its Luma accounts. Here the account of a file is read from its reference.

/** The account in a reference such as `u12345-email:me@example.com-image:..` (page on assets, 2026-04-06); of another form, none. */
export const accountOf = (reference: string): string | undefined => /-email:([^:]+)-\w+:/.exec(reference)?.[1];

/** The account of the first file that a request names. */
export function accountIn(value: unknown): string | undefined {
  if (!value || typeof value !== "object") return undefined;
  const { file_id } = value as { file_id?: string };
  return (file_id && accountOf(file_id)) || Object.values(value).map(accountIn).find(Boolean);
}
