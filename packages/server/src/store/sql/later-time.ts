/** Times as the database keeps them: xsd:dateTime in UTC with milliseconds, which sort as text. */

/** The later of two times. */
export function laterTime(left: string, right: string): string {
  return [left, right].sort()[1] ?? right;
}
