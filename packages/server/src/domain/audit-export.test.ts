import { describe, expect, test } from "vitest";
import type { NumberedAuditEntry } from "./audit-entry.ts";
import { auditExportFormats, shownAuditEntry } from "./audit-export.ts";

const entry: NumberedAuditEntry = {
  entryId: "entry-7",
  number: 7,
  chainHash: "c0ffee",
  at: "2025-06-15T12:00:00.000Z",
  actor: { kind: "credential", id: "c1" },
  requestId: "request-7",
  action: "group.patch",
  outcome: "done",
  target: { type: "Group", id: "g1", name: 'the "crew", ltd', externalId: undefined },
  differences: [{ path: "displayName", before: "crew", after: '=HYPERLINK("x")' }],
  relations: [{ attribute: "members", addedCount: 1, removedCount: 0, added: ["u1"], removed: [] }],
};
const { jsonl, csv } = auditExportFormats;

/** Reads CSV as RFC 4180 has it. */
function cellsOf(text: string): readonly string[] {
  return [...text.replace(/\r\n$/, "").matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

test("an entry is shown with all its changes, and without what it has not", () => {
  expect(shownAuditEntry(entry)).toEqual({
    id: "entry-7",
    time: "2025-06-15T12:00:00.000Z",
    actor: { kind: "credential", id: "c1" },
    action: "group.patch",
    target: { type: "Group", id: "g1", name: 'the "crew", ltd' },
    outcome: "done",
    requestId: "request-7",
    changes: [...entry.differences, ...entry.relations],
  });
  expect("externalId" in shownAuditEntry(entry).target).toBe(false);
});

test("JSON Lines have one entry each, with number and hash, in one order of members", () => {
  const line = jsonl.line(entry);
  expect(line).toMatch(
    /^\{"action":"group.patch","actor":\{"id":"c1","kind":"credential"\},.*\}\n$/,
  );
  expect(JSON.parse(line)).toEqual({ ...shownAuditEntry(entry), number: 7, chainHash: "c0ffee" });
  const hostile = { ...entry, target: { ...entry.target, name: "a\nb\u009b31m" } };
  expect(jsonl.line(hostile).trimEnd()).not.toMatch(/[\n\u009b]/);
  expect(JSON.parse(jsonl.line(hostile)).target.name).toBe("a\nb\u009b31m");
});

describe("CSV", () => {
  test("has its columns, and cells that hold commas and quotes", () => {
    expect(csv.head).toBe("id,number,time,actor,action,target,outcome,requestId,changes\r\n");
    const cells = cellsOf(csv.line(entry));
    expect(cells).toHaveLength(9);
    expect(cells.slice(0, 5)).toEqual([
      "entry-7",
      "7",
      "2025-06-15T12:00:00.000Z",
      "credential:c1",
      "group.patch",
    ]);
    expect(JSON.parse(cells[5] ?? "")).toEqual(shownAuditEntry(entry).target);
    expect(JSON.parse(cells[8] ?? "")).toEqual(shownAuditEntry(entry).changes);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
    "makes no formula of %j",
    (requestId) => {
      expect(cellsOf(csv.line({ ...entry, requestId }))[7]).toBe(`'${requestId}`);
    },
  );

  test("leaves what is harmless as it is", () => {
    expect(cellsOf(csv.line({ ...entry, requestId: "a=1" }))[7]).toBe("a=1");
  });
});
