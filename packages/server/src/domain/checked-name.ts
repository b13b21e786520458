/** Names that people give to tenants, connections and tokens. */
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";

/** The longest name of a tenant, a connection or a token, in characters. */
const nameLengthMax = 64;

/** Answers with the name; refuses one that is blank, too long, or has characters that cannot be seen. */
export function checkedName(name: string): string {
  const isGood =
    name.trim() !== "" && [...name].length <= nameLengthMax && cleanText(name) === name;
  if (!isGood) {
    throw refusal(
      `"${cleanText(name, nameLengthMax)}" cannot be a name: a name has 1 to ${nameLengthMax} characters, ` +
        "not all of them blank and none of them invisible",
    );
  }
  return name;
}
