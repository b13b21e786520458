/** Names that people give to tenants, connections and tokens. */
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";

/** The longest name of a tenant, a connection or a token, in characters. */
const nameLengthMax = 64;

/** Says what is wrong with a name; undefined for a good one. */
export function nameProblemOf(name: string): string | undefined {
  const isGood =
    name.trim() !== "" && [...name].length <= nameLengthMax && cleanText(name) === name;
  return isGood
    ? undefined
    : `a name has 1 to ${nameLengthMax} characters, not all of them blank and none of them invisible`;
}

/** Answers with the name; refuses one that is blank, too long, or has characters that cannot be seen. */
export function checkedName(name: string): string {
  const problem = nameProblemOf(name);
  if (problem !== undefined) {
    throw refusal(`"${cleanText(name, nameLengthMax)}" cannot be a name: ${problem}`);
  }
  return name;
}
