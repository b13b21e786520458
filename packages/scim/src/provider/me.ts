/** The /Me endpoint (RFC 7644 §3.11): not offered, since a client here is never a person. */
import { notOffered } from "./not-offered.ts";
import type { OperationAnswer } from "./operation-answer.ts";

/** Answers every request to /Me with 501. */
export async function me(): Promise<OperationAnswer> {
  throw notOffered("/Me is", "address the resource by its id");
}
