// Whose a file is: useapi.net keeps each in one of its Luma accounts.

/** The account in a reference such as `u12345-email:me@example.com-image:..` (page on assets, 2026-04-06); of another form, none. */
export const accountOf = (reference) => /-email:([^:]+)-\w+:/.exec(reference)?.[1];

/** The account of the first file that a request names. */
export function accountIn(value) {
  if (!value || typeof value !== "object") return undefined;
  return (value.file_id && accountOf(value.file_id)) ?? Object.values(value).map(accountIn).find(Boolean);
}
