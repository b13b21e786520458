/** What a store promises about reading everything for a backup. */
import assert from "node:assert/strict";
import { createPopulation, positionBefore, testTypes } from "./contract-population.ts";
import type { TableRows } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Values of rows by the names of their columns. */
type Row = Readonly<Record<string, string | number | null>>;

/** Every promise about snapshots. */
export const snapshotContract: readonly StoreContractTest[] = [
  {
    name: "snapshot: has everything, numbered and added up, each table in one piece",
    run: async (store, registry) => {
      const { user, group } = testTypes(registry);
      const { tenant, create, read, remove } = await createPopulation(store);
      const ann = await create(user, { userName: "ann", active: true });
      const ben = await create(user, { userName: "ben", active: true });
      await create(group, { displayName: "all" }, { members: [ann.id, ben.id] });
      await remove(user, await read(user, ben.id));

      const parts: TableRows[] = [];
      await store.snapshots.read(async (rows) => void parts.push(rows));
      const rowsOf = (table: string): readonly Row[] =>
        parts
          .filter((part) => part.table === table)
          .flatMap(({ columns, rows }) =>
            rows.map((row) =>
              Object.fromEntries(row.map((value, index) => [columns[index] ?? "", value])),
            ),
          );
      const names = parts.map(({ table }) => table);
      const starts = names.filter((name, index) => name !== names[index - 1]);
      assert.equal(new Set(starts).size, starts.length);

      assert.deepEqual(
        rowsOf("resources")
          .map(({ resource_id }) => resource_id)
          .toSorted(),
        [ann.id, "acme-main-Group-3"].toSorted(),
      );
      assert.deepEqual(
        rowsOf("members").map(({ value }) => value),
        [ann.id],
      );
      assert.deepEqual(
        rowsOf("tombstones").map(({ resource_id }) => resource_id),
        [ben.id],
      );
      const [users] = rowsOf("resource_totals").filter((row) => row["resource_type"] === "User");
      assert.equal(users?.["live"], 1);
      const lastSequence = Math.max(...rowsOf("resources").map(({ sequence }) => Number(sequence)));
      assert.ok(
        rowsOf("resource_totals").some((row) => Number(row["last_sequence"]) >= lastSequence),
      );

      const [stored] = rowsOf("tenants").filter((row) => row["tenant_id"] === tenant.tenantId);
      for (const { table, number, last, before } of [
        { table: "audit_entries", number: "audit_number", last: "last_audit_number", before: 0 },
        {
          table: "outbox_events",
          number: "position",
          last: "last_outbox_position",
          before: positionBefore,
        },
      ]) {
        const numbers = rowsOf(table)
          .filter((row) => row["tenant_id"] === tenant.tenantId)
          .map((row) => Number(row[number]));
        assert.ok(numbers.length >= 4);
        assert.deepEqual(
          numbers.toSorted((one, other) => one - other),
          numbers.map((_, index) => before + index + 1),
        );
        assert.equal(stored?.[last], before + numbers.length);
      }
      assert.ok(!parts.some(({ columns }) => columns.includes("written_as")));
    },
  },
  {
    name: "snapshot: of a tenant has what names others before what is named, and nothing of other tenants",
    run: async (store, registry) => {
      const { user, group } = testTypes(registry);
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const ann = await acme.create(user, { userName: "ann", active: true });
      await acme.create(group, { displayName: "all" }, { members: [ann.id] });
      await globex.create(user, { userName: "ben", active: true });
      const parts: TableRows[] = [];
      await store.snapshots.readTenant(acme.tenant.tenantId, async (rows) => void parts.push(rows));
      const found = parts.filter(({ rows }) => rows.length > 0);
      const tables = found.map(({ table }) => table);
      assert.deepEqual(tables.slice(0, 2), ["tenants", "connections"]);
      assert.ok(tables.indexOf("resources") < tables.indexOf("members"));
      const text = JSON.stringify(found);
      assert.ok(text.includes("ann") && text.includes("all"));
      assert.ok(!text.includes("globex") && !text.includes("ben"));
    },
  },
];
