/**
 * The chain of an audit log: each entry is hashed with its number and the hash before, so that nobody can change, move
 * or remove one without anybody noticing. What an entry says of a person goes in as a salted hash of its own: when the
 * salt and the values are erased nothing can be guessed from what is left, and the chain still holds.
 */
import { isJsonArray } from "@rollcall/scim";
import type { AttributeDifference, AuditEntry } from "./audit-entry.ts";
import { canonicalJson } from "./canonical-json.ts";

/** Makes the hash of a text: SHA-256, in hexadecimal. */
export type TextHash = (text: string) => string;

/** Up to where a log is chained, and with what. */
export interface ChainEnd {
  /** Of the last entry; 0 before the first. */
  readonly number: number;
  /** Its hash; empty before the first. */
  readonly hash: string;
}

/** An entry as it stands in the log. */
export interface LoggedEntry {
  readonly entry: AuditEntry;
  readonly number: number;
  readonly chainHash: string | undefined;
  /** Undefined until the entry is chained, and when its values have been erased. */
  readonly salt: string | undefined;
  /** The hash of the values that have been erased. */
  readonly erasedHash: string | undefined;
}

/** What an erased value is replaced by. */
const erased = "(erased)";

/** The hash of what an entry says of a person: names and values, which may have to go. */
export function personalHashOf(entry: AuditEntry, salt: string, hash: TextHash): string {
  const { entryId, at, actor, requestId, action, outcome, target, relations, ...others } = entry;
  // What is empty is left out, so that a member that comes later leaves the hashes of earlier entries alone.
  const more = Object.entries(others).filter(
    ([, value]) => !(isJsonArray(value) && value.length === 0),
  );
  const { name, externalId } = target;
  return hash(canonicalJson({ ...Object.fromEntries(more), name, externalId, salt }));
}

/** The hash that ties an entry to the one before: ids, and names of attributes, which stay for ever. */
export function chainHashOf(
  { number, entry, personalHash }: NewLink,
  before: ChainEnd,
  hash: TextHash,
): string {
  const { actor, target, relations, differences } = entry;
  // Texts and numbers in a list of fixed order: canonical JSON as they stand, and the quickest to write.
  const parts = [
    number,
    before.hash,
    personalHash,
    entry.entryId,
    entry.at,
    [actor.kind, actor.id],
    entry.requestId,
    entry.action,
    entry.outcome,
    [target.type, target.id],
    differences.map(({ path }) => path),
    relations.map(({ attribute, addedCount, removedCount, added, removed }) => [
      attribute,
      addedCount,
      removedCount,
      added,
      removed,
    ]),
  ];
  return hash(JSON.stringify(parts));
}

/** An entry that is to be chained. */
export interface NewLink {
  readonly number: number;
  readonly entry: AuditEntry;
  readonly personalHash: string;
}

/** What is left of an entry when what it says of a person is erased. */
export function erasedEntry({ target, differences, ...entry }: AuditEntry): AuditEntry {
  return {
    ...entry,
    target: { type: target.type, id: target.id, name: undefined, externalId: undefined },
    differences: differences.map(erasedDifference),
  };
}

function erasedDifference({ path, before, after }: AttributeDifference): AttributeDifference {
  return {
    path,
    ...(before === undefined ? {} : { before: erased }),
    ...(after === undefined ? {} : { after: erased }),
  };
}

/** What a tenant has noted of its log, apart from the entries. */
export interface ChainFacts {
  /** The last entry that was dropped because its time was over. */
  readonly pruned: ChainEnd;
  readonly chained: ChainEnd;
  /** The number that was given last. */
  readonly lastNumber: number;
}

/** Where the log is not what it was: the number of the entry, and how. */
export interface ChainFault {
  readonly number: number;
  /**
   * `changed`: the entry is another than the one that was chained there, or was moved; `missing`: there is none, but
   * some behind it; `truncated`: there is none from there on; `rewritten`: the chain holds, and ends in another hash
   * than the tenant has noted.
   */
  readonly reason: "changed" | "missing" | "truncated" | "rewritten";
}

/** What came of looking through a log. */
export interface ChainVerification {
  readonly ok: boolean;
  /** How many entries were looked at: all, or those up to the fault. */
  readonly entries: number;
  /** How many of them are chained as they should be. */
  readonly chained: number;
  readonly firstFault?: ChainFault;
}

/** How far a log has been looked through. */
export interface ChainCheck {
  readonly end: ChainEnd;
  readonly entries: number;
  readonly chained: number;
  readonly fault: ChainFault | undefined;
}

/** Begins to look through a log. */
export function beginChainCheck({ pruned }: ChainFacts): ChainCheck {
  return { end: pruned, entries: 0, chained: 0, fault: undefined };
}

/** Goes on with the next entries, in the order of their numbers; ends at the first fault. */
export function continueChainCheck(
  check: ChainCheck,
  next: readonly LoggedEntry[],
  facts: ChainFacts,
  hash: TextHash,
): ChainCheck {
  let reached = check;
  for (const logged of next) {
    if (reached.fault !== undefined) {
      return reached;
    }
    reached = checkEntry(reached, logged, facts, hash);
  }
  return reached;
}

function checkEntry(
  check: ChainCheck,
  logged: LoggedEntry,
  { chained }: ChainFacts,
  hash: TextHash,
): ChainCheck {
  const { number, chainHash = "" } = logged;
  const expected = check.end.number + 1;
  if (number !== expected) {
    return { ...check, fault: { number: expected, reason: "missing" } };
  }
  const entries = check.entries + 1;
  if (number > chained.number) {
    return { ...check, end: { number, hash: "" }, entries };
  }
  const reason = linkFault(logged, check.end, chained, hash);
  return reason === undefined
    ? { ...check, end: { number, hash: chainHash }, entries, chained: check.chained + 1 }
    : { ...check, entries, fault: { number, reason } };
}

/** Says what came of it, when there are no more entries. */
export function endChainCheck(
  { end, entries, chained, fault }: ChainCheck,
  { lastNumber }: ChainFacts,
): ChainVerification {
  const firstFault =
    fault ??
    (end.number < lastNumber
      ? ({ number: end.number + 1, reason: "truncated" } as const)
      : undefined);
  return {
    ok: firstFault === undefined,
    entries,
    chained,
    ...(firstFault === undefined ? {} : { firstFault }),
  };
}

function linkFault(
  { number, entry, chainHash, salt, erasedHash }: LoggedEntry,
  before: ChainEnd,
  noted: ChainEnd,
  hash: TextHash,
): ChainFault["reason"] | undefined {
  const personalHash = salt === undefined ? erasedHash : personalHashOf(entry, salt, hash);
  // Without its salt nothing vouches for the values of an entry: there must be none.
  const isErased = salt === undefined && canonicalJson(erasedEntry(entry)) === canonicalJson(entry);
  if (personalHash === undefined || (salt === undefined && !isErased)) {
    return "changed";
  }
  if (chainHash !== chainHashOf({ number, entry, personalHash }, before, hash)) {
    return "changed";
  }
  return number === noted.number && chainHash !== noted.hash ? "rewritten" : undefined;
}
