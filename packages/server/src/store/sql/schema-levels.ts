/** Which migrations of the two databases come to the same tables: what a backup of one needs to be put into the other. */

/** A state of the schema, with the last migration that leads to it on each database. */
export interface SchemaLevel {
  readonly level: number;
  readonly sqlite: number;
  readonly postgres: number;
}

/** All states that a backup can be of, oldest first; a migration that is added brings one along. */
export const schemaLevels: readonly SchemaLevel[] = [
  { level: 1, sqlite: 5, postgres: 6 },
  { level: 2, sqlite: 6, postgres: 7 },
  { level: 3, sqlite: 7, postgres: 8 },
  { level: 4, sqlite: 8, postgres: 9 },
  { level: 5, sqlite: 9, postgres: 10 },
  { level: 6, sqlite: 10, postgres: 11 },
  { level: 7, sqlite: 11, postgres: 12 },
];

/** The state that this program works with. */
export const schemaLevelNow: number = schemaLevels.at(-1)?.level ?? 0;

/** Finds a state; undefined for one that this program does not know. */
export function schemaLevelNumbered(number: number): SchemaLevel | undefined {
  return schemaLevels.find(({ level }) => level === number);
}
