// What the Agents API notes of a file beside its bytes: options of ours, in its own words (SDK 0.5.0, 2026-08-04).

/** Each option's name there. */
const NAMES = { filename: "filename", purpose: "purpose", expiresAt: "expires_at", userId: "user_id" };

/** The details among the options of an upload, if there are any, and what is wrong with them. `noted`: whether anybody notes them. */
export function readDetails(options, noted) {
  const problems = [];
  const details = {};
  for (const [path, name] of Object.entries(NAMES)) {
    let value = options[path];
    if (value === undefined) continue;
    const problem = (code, message) => problems.push({ path, code, message });
    if (!noted) problem("unsupported", "is for a file that the Agents API itself is handed, and goes nowhere else");
    else if (path === "expiresAt") {
      value = new Date(value);
      if (Number.isNaN(value.getTime())) problem("invalid_value", "must be a Date, or a date and time as in 2026-12-24T18:00:00Z");
      else details[name] = value.toISOString();
    } else if (typeof value !== "string") problem("invalid_type", "must be a string");
    else if (!value) problem("invalid_value", "must not be empty");
    else details[name] = value;
  }
  return { problems, details: Object.keys(details).length ? details : undefined };
}
