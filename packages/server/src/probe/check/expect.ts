/** What checks expect of an answer; what is not so becomes a mismatch with a sentence. */
import type { Answer } from "../target.ts";
import { memberAt } from "../target.ts";

const mismatchName = "Mismatch";
const errorUri = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Makes the error that says what came instead of what was expected. */
export function mismatch(message: string): Error {
  return Object.assign(new Error(message), { name: mismatchName });
}

/** Tells a mismatch from a defect of a check. */
export function isMismatch(error: unknown): error is Error {
  return error instanceof Error && error.name === mismatchName;
}

/** Throws a mismatch where something does not hold. */
export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw mismatch(otherwise);
  }
}

/** Expects a value, compared as JSON. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  expectThat(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${what} is ${shown(actual)}, expected ${shown(expected)}`,
  );
}

/** Expects one of some statuses. */
export function expectStatus(answer: Answer, ...statuses: readonly number[]): void {
  expectThat(
    statuses.includes(answer.status),
    `status ${answer.status}${detailOf(answer)}, expected ${statuses.join(" or ")}`,
  );
}

/** Expects a SCIM Error of a status (RFC 7644 §3.12), with a scimType where one is prescribed. */
export function expectError(answer: Answer, status: number, scimType?: string): void {
  expectStatus(answer, status);
  const schemas = memberAt(answer.body, "schemas");
  expectThat(
    Array.isArray(schemas) && schemas.includes(errorUri),
    `the body of the ${status} is no SCIM Error: ${answer.text.slice(0, 120) || "empty"}`,
  );
  expectEqual("status in the body", memberAt(answer.body, "status"), String(status));
  if (scimType !== undefined) {
    expectEqual("scimType", memberAt(answer.body, "scimType"), scimType);
  }
}

/** The elements of a list; a mismatch where the answer has none. */
export function listed(answer: Answer): readonly unknown[] {
  expectStatus(answer, 200);
  const resources = memberAt(answer.body, "Resources");
  if (!Array.isArray(resources)) {
    throw mismatch(`there is no array Resources in ${answer.text.slice(0, 120)}`);
  }
  return resources;
}

/** The ids in a list. */
export function listedIds(answer: Answer): readonly unknown[] {
  return listed(answer).map((resource) => memberAt(resource, "id"));
}

/** Writes a value as it is shown in a mismatch. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, 160);
}

function detailOf({ body }: Answer): string {
  const detail = memberAt(body, "detail");
  return typeof detail === "string" ? ` (${detail.slice(0, 160)})` : "";
}
