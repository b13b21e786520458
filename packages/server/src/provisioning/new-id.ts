/** Ids of everything that gets many: in the order of time, so that new rows stand side by side in every index (RFC 9562 §5.7). */
import { v7 } from "uuid";

/** Makes an id that no other process makes. */
export function newId(): string {
  return v7();
}
