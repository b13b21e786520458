/** Columns that hold JSON which this program wrote itself. */

/** Reads a JSON column, whose type is what was written into it. */
export function jsonColumn<Value>(text: string): Value {
  const value: Value = JSON.parse(text);
  return value;
}
