/** Which step brings a database nearer to being distributed by tenant: pure, so that one that broke off goes on anywhere. */
import { refusal } from "../../domain/refusal.ts";
import type { ForeignKey } from "./table-places.ts";
import { foreignKeys, tablesOfTenants, tablesOnEveryNode } from "./table-places.ts";

/** What Citus knows of a table. */
export interface TableState {
  readonly name: string;
  readonly place: "local" | "distributed" | "reference";
  /** Tables of one group keep what belongs to one tenant on one node. */
  readonly group: number | undefined;
  /** What is left where the table was before it was distributed. */
  readonly hasLocalData: boolean;
}

/** How far a database is. */
export interface DistributionState {
  readonly tables: readonly TableState[];
  /** The names of the foreign keys that there are. */
  readonly foreignKeys: ReadonlySet<string>;
}

/** One statement, in a transaction of its own. */
export interface DistributionStep {
  /** What it does, for people. */
  readonly title: string;
  readonly sql: string;
}

/** The table that all others are kept together with. */
const first = "tenants";

/**
 * The next step; undefined when nothing is left to do. Foreign keys of a table that is still to be distributed go
 * first, since Citus checks them between nodes otherwise, and come back when both of their tables are where they belong
 * and nothing old is left beside them.
 */
export function nextDistributionStep(state: DistributionState): DistributionStep | undefined {
  refuseOtherPlaces(state);
  const has = (name: string) => state.foreignKeys.has(name);
  const loose = foreignKeys.find((key) => has(key.name) && !areDistributed(key, state));
  const local = (names: readonly string[]) =>
    names.find((name) => stateOf(name, state).place === "local");
  const leftover = [...tablesOfTenants, ...tablesOnEveryNode].find(
    (name) => stateOf(name, state).hasLocalData,
  );
  const missing = foreignKeys.find((key) => !has(key.name));
  return [
    ...stepFor(loose, dropForeignKey),
    ...stepFor(local(tablesOnEveryNode), copyToEveryNode),
    ...stepFor(local(tablesOfTenants), distribute),
    ...stepFor(leftover, dropLocalData),
    ...stepFor(missing, addForeignKey),
  ][0];
}

function stepFor<Subject>(
  subject: Subject | undefined,
  stepOf: (subject: Subject) => DistributionStep,
): readonly DistributionStep[] {
  return subject === undefined ? [] : [stepOf(subject)];
}

function refuseOtherPlaces(state: DistributionState): void {
  const { group } = stateOf(first, state);
  for (const name of tablesOfTenants) {
    const table = stateOf(name, state);
    const isApart = table.place === "distributed" && table.group !== group;
    if (table.place === "reference" || isApart) {
      throw refusal(
        `the table ${name} is distributed in another way than by the tenant, together with ${first}: ` +
          `run SELECT undistribute_table('${name}') and try again`,
      );
    }
  }
  const other = tablesOnEveryNode.find((name) => stateOf(name, state).place === "distributed");
  if (other !== undefined) {
    throw refusal(
      `the table ${other} is distributed and has to be on every node: ` +
        `run SELECT undistribute_table('${other}') and try again`,
    );
  }
}

function stateOf(name: string, { tables }: DistributionState): TableState {
  const found = tables.find((table) => table.name === name);
  if (found === undefined) {
    throw new TypeError(`there is no table ${name}`);
  }
  return found;
}

function areDistributed({ table, definition }: ForeignKey, state: DistributionState): boolean {
  const [, other = ""] = /REFERENCES (\w+)/.exec(definition) ?? [];
  return [table, other].every((name) => stateOf(name, state).place === "distributed");
}

function dropForeignKey({ table, name }: ForeignKey): DistributionStep {
  return {
    title: `take the foreign key ${name} off ${table}`,
    sql: `ALTER TABLE ${table} DROP CONSTRAINT ${name}`,
  };
}

function copyToEveryNode(name: string): DistributionStep {
  return { title: `copy ${name} to every node`, sql: `SELECT create_reference_table('${name}')` };
}

function distribute(name: string): DistributionStep {
  const group = name === first ? "none" : first;
  return {
    title: `distribute ${name} by the tenant`,
    sql: `SELECT create_distributed_table('${name}', 'tenant_id', colocate_with => '${group}')`,
  };
}

function dropLocalData(name: string): DistributionStep {
  return {
    title: `drop what is left of ${name} on the coordinator`,
    sql: `SELECT truncate_local_data_after_distributing_table('${name}')`,
  };
}

function addForeignKey({ table, name, definition }: ForeignKey): DistributionStep {
  return {
    title: `put the foreign key ${name} back on ${table}`,
    sql: `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`,
  };
}
