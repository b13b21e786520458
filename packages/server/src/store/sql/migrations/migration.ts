/** A step of the schema's history: once released it never changes. */

/** One migration. */
export interface Migration {
  /** Unique, and in order. */
  readonly number: number;
  readonly title: string;
  /** Whether a process that does not know it must not work on the database. */
  readonly breaking: boolean;
  /** One statement each. */
  readonly statements: readonly string[];
}
