/** What the databases write differently: lists as one parameter, and reading JSON documents. */
import type { Statement } from "./statement.ts";

/** The differences between the databases, each as a part of a statement. */
export interface SqlDialect {
  /**
   * How many transactions may write at once. `one`: nothing happens between the steps of a script, and counters give
   * numbers in the transaction itself. `many`: rows are locked before they are changed, and what one counter row would
   * make everybody wait for, numbers and totals, is written as rows and put in order after commit.
   */
  readonly writers: "one" | "many";
  /** A table with the columns `key` (from 0) and `value` from one placeholder for a JSON array of strings. */
  readonly listTable: string;
  /** Whether a column has one of some values, each to be looked up by an index. */
  oneOf(column: string, values: readonly string[]): Statement;
  /** Whether a column has one of the values that a query gives, each to be looked up by an index. */
  oneOfThose(column: string, query: Statement): Statement;
  /** Joins a table whose rows are looked up for each row before it, however many of those there are. */
  eachOf(table: string, name: string, columns: readonly string[], condition: Statement): Statement;
  /** A recursive table as few rows, each of which is worth a look-up of its own. */
  few(table: string): Statement;
  /** A column of text as a JSON document. */
  documentIn(column: string): Statement;
  /** The string at a path of a JSON document. */
  textAt(document: Statement, path: readonly string[]): Statement;
  /** The number at a path of a JSON document, as a floating-point number. */
  numberAt(document: Statement, path: readonly string[]): Statement;
  /** The JSON text at a path of a JSON document; null where there is nothing. */
  jsonAt(document: Statement, path: readonly string[]): Statement;
  /** Whether the boolean at a path of a JSON document has the value. */
  isAt(document: Statement, path: readonly string[], value: boolean): Statement;
  /** The elements of the array at a path of a JSON document, as a table of the given name. */
  elementsAt(document: Statement, path: readonly string[], name: string): Statement;
  /** An element as a document of its own, its text, its number, whether it is a certain boolean. */
  readonly element: {
    document(name: string): Statement;
    text(name: string): Statement;
    number(name: string): Statement;
    is(name: string, value: boolean): Statement;
  };
  /** The comparison form of a text that ignores case: of ids and of names of resource types, which are ASCII. */
  folded(text: Statement): Statement;
  /** What an index keeps of a text, given as a value or as a part of a statement: the text, if every length fits. */
  readonly indexed: { value(text: string): string; part(text: Statement): Statement };
  /** A text as it stands in a URL. */
  uriComponent(text: Statement): Statement;
  /** A text to compare with, by code point. */
  text(value: string): Statement;
  /** A floating-point number. */
  number(value: number): Statement;
  /** Whether a text contains, begins with or ends with a literal, by code point, nothing in it having a meaning. */
  contains(text: Statement, literal: string): Statement;
  beginsWith(text: Statement, literal: string): Statement;
  endsWith(text: Statement, literal: string): Statement;
}
