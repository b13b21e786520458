/** The smallest question: is the database there? */
import type { Script } from "./script.ts";
import { firstRowOf } from "./script.ts";
import { statement } from "./statement.ts";

/** Asks the database for nothing but an answer. */
export function* ping(): Script<void> {
  yield* firstRowOf(statement("SELECT 1 AS one"));
}
