/** Reads out of a representation what a path of a client names. */
import { memberAt } from "../target.ts";
import { path as paths, uri } from "./messages.ts";

/** The value at a path; the work e-mail is the first one where a client sends no types. */
export function valueAt(resource: unknown, path: string): unknown {
  if (path === paths.workEmail) {
    return workEmailIn(resource);
  }
  if (path.startsWith(`${uri.enterprise}:`)) {
    return extensionValue(resource, path.slice(uri.enterprise.length + 1));
  }
  return memberAt(resource, path);
}

/** An attribute of the enterprise extension. */
export function extensionValue(resource: unknown, name: string): unknown {
  const extension = new Map<string, unknown>(Object.entries(Object(resource))).get(uri.enterprise);
  return memberAt(extension, name);
}

function workEmailIn(resource: unknown): unknown {
  const emails = memberAt(resource, "emails");
  if (!Array.isArray(emails)) {
    return undefined;
  }
  const work = emails.find((email) => memberAt(email, "type") === "work") ?? emails[0];
  return memberAt(work, "value");
}
