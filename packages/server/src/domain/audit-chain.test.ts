import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ChainFacts, LoggedEntry } from "./audit-chain.ts";
import {
  beginChainCheck,
  chainHashOf,
  continueChainCheck,
  endChainCheck,
  erasedEntry,
  personalHashOf,
} from "./audit-chain.ts";
import type { AuditEntry } from "./audit-entry.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function entryOf(number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    entryId: `entry-${number}`,
    at: "2025-06-15T12:00:00.000Z",
    actor: { kind: "credential", id: "c1" },
    requestId: `request-${number}`,
    action: "user.patch",
    outcome: "done",
    target: { type: "User", id: "u1", name: "ann", externalId: undefined },
    differences: [{ path: "title", before: "Ms", after: "Dr" }],
    relations: [],
    ...changes,
  };
}

/** A log of five entries, all of them chained, of which the oldest may be gone. */
function log(pruned = 0): { entries: LoggedEntry[]; facts: ChainFacts } {
  const entries: LoggedEntry[] = [];
  let end = { number: 0, hash: "" };
  for (const number of [1, 2, 3, 4, 5]) {
    const entry = entryOf(number);
    const salt = `salt-${number}`;
    const personalHash = personalHashOf(entry, salt, sha256);
    end = { number, hash: chainHashOf({ number, entry, personalHash }, end, sha256) };
    entries.push({ entry, number, salt, chainHash: end.hash, erasedHash: undefined });
  }
  const last = entries[pruned - 1];
  return {
    entries: entries.slice(pruned),
    facts: {
      pruned: { number: pruned, hash: last?.chainHash ?? "" },
      chained: end,
      lastNumber: 5,
    },
  };
}

function verify({ entries, facts }: { entries: readonly LoggedEntry[]; facts: ChainFacts }) {
  // Two pages, so that a page ends somewhere in between.
  const first = continueChainCheck(beginChainCheck(facts), entries.slice(0, 2), facts, sha256);
  return endChainCheck(continueChainCheck(first, entries.slice(2), facts, sha256), facts);
}

function altered(index: number, changes: Partial<AuditEntry>) {
  const { entries, facts } = log();
  const logged = entries[index];
  if (logged !== undefined) {
    entries[index] = { ...logged, entry: { ...logged.entry, ...changes } };
  }
  return verify({ entries, facts });
}

const faultAt = (number: number, reason: string) =>
  expect.objectContaining({ ok: false, firstFault: { number, reason } });

test("a log that nobody has touched is good, also when its oldest entries are gone", () => {
  expect(verify(log())).toEqual({ ok: true, entries: 5, chained: 5 });
  expect(verify(log(3))).toEqual({ ok: true, entries: 2, chained: 2 });
});

test("entries that are not chained yet are counted, and have to be there", () => {
  const { entries, facts } = log();
  const fresh = { ...entries[0], number: 6, entry: entryOf(6), chainHash: undefined };
  const more = [...entries, { ...fresh, salt: undefined, erasedHash: undefined }];
  expect(verify({ entries: more, facts: { ...facts, lastNumber: 6 } })).toEqual({
    ok: true,
    entries: 6,
    chained: 5,
  });
  expect(verify({ entries, facts: { ...facts, lastNumber: 6 } })).toEqual(faultAt(6, "truncated"));
});

describe("a fault is found where it is", () => {
  test.each<[string, Partial<AuditEntry>]>([
    ["time", { at: "2025-06-15T12:00:01.000Z" }],
    ["actor", { actor: { kind: "operator", id: "c1" } }],
    ["action", { action: "user.replace" }],
    ["outcome", { outcome: "refused" }],
    ["request", { requestId: "request-9" }],
    ["id of the target", { target: { ...entryOf(1).target, id: "u2" } }],
    ["name of the target", { target: { ...entryOf(1).target, name: "bea" } }],
    ["name taken away", { target: { ...entryOf(1).target, name: undefined } }],
    ["value", { differences: [{ path: "title", before: "Ms", after: "Prof" }] }],
    ["path", { differences: [{ path: "nickName", before: "Ms", after: "Dr" }] }],
    ["everything erased but the salt", erasedEntry(entryOf(3))],
  ])("another %s", (_, changes) => {
    expect(altered(2, changes)).toEqual(faultAt(3, "changed"));
  });

  test("an entry that is missing", () => {
    const { entries, facts } = log();
    expect(verify({ entries: entries.toSpliced(2, 1), facts })).toEqual(faultAt(3, "missing"));
    expect(verify({ entries: entries.slice(1), facts })).toEqual(faultAt(1, "missing"));
  });

  test("an entry that is missing, and those behind it moved up", () => {
    const { entries, facts } = log();
    const moved = entries.toSpliced(2, 1).map((one, index) => ({ ...one, number: index + 1 }));
    expect(verify({ entries: moved, facts })).toEqual(faultAt(3, "changed"));
  });

  test("two entries that have changed places, with their hashes and without", () => {
    const { entries, facts } = log();
    const [, second, third] = entries;
    if (second === undefined || third === undefined) {
      throw new TypeError("there are five");
    }
    const swapped = [
      { ...third, number: 2 },
      { ...second, number: 3 },
    ];
    expect(verify({ entries: entries.toSpliced(1, 2, ...swapped), facts })).toEqual(
      faultAt(2, "changed"),
    );
    const bodies = [
      { ...second, entry: third.entry, salt: third.salt },
      { ...third, entry: second.entry, salt: second.salt },
    ];
    expect(verify({ entries: entries.toSpliced(1, 2, ...bodies), facts })).toEqual(
      faultAt(2, "changed"),
    );
  });

  test("an end that is cut off, even when the tenant's notes are set back", () => {
    const { entries, facts } = log();
    const cut = entries.slice(0, 3);
    expect(verify({ entries: cut, facts })).toEqual(faultAt(4, "truncated"));
    const chained = { number: 3, hash: cut.at(-1)?.chainHash ?? "" };
    expect(verify({ entries: cut, facts: { ...facts, chained } })).toEqual(faultAt(4, "truncated"));
    expect(verify({ entries: [], facts })).toEqual(faultAt(1, "truncated"));
  });

  test("a chain that was made anew", () => {
    const { entries, facts } = log();
    const last = entries[4];
    const before = { number: 4, hash: entries[3]?.chainHash ?? "" };
    if (last === undefined) {
      throw new TypeError("there are five");
    }
    const entry = { ...last.entry, action: "user.create" };
    const personalHash = personalHashOf(entry, "salt-5", sha256);
    const chainHash = chainHashOf({ number: 5, entry, personalHash }, before, sha256);
    expect(
      verify({ entries: [...entries.slice(0, 4), { ...last, entry, chainHash }], facts }),
    ).toEqual(faultAt(5, "rewritten"));
  });

  test("an entry without a hash, or that begins behind another one than was dropped", () => {
    const { entries, facts } = log();
    const bare = entries.map((one) => (one.number === 4 ? { ...one, chainHash: undefined } : one));
    expect(verify({ entries: bare, facts })).toEqual(faultAt(4, "changed"));
    const pruned = { number: 3, hash: sha256("another") };
    expect(verify({ entries: entries.slice(3), facts: { ...facts, pruned } })).toEqual(
      faultAt(4, "changed"),
    );
  });
});

describe("values that are erased", () => {
  function erasing(changes: Partial<AuditEntry> = {}) {
    const { entries, facts } = log();
    const logged = entries[1];
    if (logged !== undefined) {
      const erasedHash = personalHashOf(logged.entry, logged.salt ?? "", sha256);
      const entry = { ...erasedEntry(logged.entry), ...changes };
      entries[1] = { ...logged, entry, salt: undefined, erasedHash };
    }
    return { entries, facts };
  }

  test("leave the chain as it is, and nothing of a person", () => {
    const erased = erasing();
    expect(verify(erased)).toEqual({ ok: true, entries: 5, chained: 5 });
    expect(erased.entries[1]?.entry).toMatchObject({
      target: { type: "User", id: "u1", name: undefined },
      differences: [{ path: "title", before: "(erased)", after: "(erased)" }],
    });
  });

  test("cannot be replaced by others", () => {
    const target = { ...entryOf(2).target, name: "bea" };
    expect(verify(erasing({ target }))).toEqual(faultAt(2, "changed"));
    expect(verify(erasing({ action: "user.create" }))).toEqual(faultAt(2, "changed"));
  });
});

test("the hash of values says nothing without the salt, and a list that is empty is as good as none", () => {
  expect(personalHashOf(entryOf(1), "one", sha256)).not.toBe(
    personalHashOf(entryOf(1), "other", sha256),
  );
  const later = { ...entryOf(1), laterMember: [] };
  expect(personalHashOf(later, "one", sha256)).toBe(personalHashOf(entryOf(1), "one", sha256));
});
