/** Options that are whole numbers. */
import { refusal } from "../domain/refusal.ts";
import type { Call } from "./command.ts";

/** Reads an option that is a whole number within bounds, or says what was expected. */
export function wholeNumberOption(
  call: Pick<Call, "text">,
  option: string,
  otherwise: number,
  min: number,
  max: number,
): number {
  const text = call.text(option) ?? String(otherwise);
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw refusal(`--${option} ${text}: expected a whole number from ${min} to ${max}`);
  }
  return number;
}
