/** What reading a request dropped, collected while it goes on and told in few sentences (RFC 7644 §3.3); passwords are of what is dropped (RFC 7643 §9.2). */

/** The most names that one sentence lists. */
export const namesMax: number = 10;
/** The longest name that is repeated to an operator. */
const nameLengthMax = 100;

/** Notes about one request or one operation; each thing is noted once. */
export interface ReadingNotes {
  /** Attributes that no schema of the resource type defines. */
  readonly unknown: Set<string>;
  /** writeOnly attributes, which are accepted and not stored. */
  readonly notStored: Set<string>;
  /** Everything else, as sentences. */
  readonly sentences: Set<string>;
}

/** Starts with nothing noted. */
export function createReadingNotes(): ReadingNotes {
  return { unknown: new Set(), notStored: new Set(), sentences: new Set() };
}

/** The notes as sentences with names and counts, without values. */
export function warningsOf(notes: ReadingNotes): readonly string[] {
  return [
    ...(notes.unknown.size === 0
      ? []
      : [`attributes that no schema defines were dropped: ${listed(notes.unknown)}`]),
    ...(notes.notStored.size === 0
      ? []
      : [`attributes that are not stored were dropped: ${listed(notes.notStored)}`]),
    ...notes.sentences,
  ];
}

/** A name or path from a request, fit to be printed: cut, and without control characters. */
export function printableName(name: string): string {
  const printable = name.slice(0, nameLengthMax).replaceAll(/[^\x20-\x7e]/g, "?");
  return name.length > nameLengthMax ? `${printable}…` : printable;
}

function listed(names: ReadonlySet<string>): string {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === namesMax) {
      return `${first.join(", ")} and ${names.size - namesMax} more`;
    }
    first.push(printableName(name));
  }
  return first.join(", ");
}
