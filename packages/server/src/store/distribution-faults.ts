/** What in a statement would keep the database from being distributed by tenant; tests read every statement with it. */
import type { Arm, Node } from "./statement-arms.ts";
import { armsOf, parseNodes, splitAt, withNames } from "./statement-arms.ts";

/** Which tables there are. */
export interface TableKinds {
  /** Distributed by `tenant_id`. */
  readonly ofTenants: ReadonlySet<string>;
  /** The same on every node. */
  readonly global: ReadonlySet<string>;
}

/** What no statement may have, and why. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bmerge\s+into\b/i, "MERGE"],
  [/\b(create|alter|drop)\s+(or\s+replace\s+)?(trigger|view|rule)\b/i, "a trigger, view or rule"],
  [/\bset\s+(null|default)\b/i, "a foreign key that writes NULL or a default"],
  [
    /\b(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid|uuid_generate_v\d|nextval|currval|lastval|setval|datetime|strftime|julianday|unixepoch|randomblob|last_insert_rowid)\s*\(/i,
    "a function whose value only the node knows",
  ],
  [/\bcurrent_(timestamp|date|time)\b|\blocaltime(stamp)?\b/i, "the time of the node"],
  [/\bpg_(try_)?advisory/i, "an advisory lock, which one node has and the others do not"],
  [/\block_timeout\b/i, "a lock_timeout, which does not reach other nodes"],
  [/^\s*with\b.*\binsert\s+into\b/is, "WITH before INSERT"],
  [/\bas\s*(materialized\s*)?\(\s*(insert|update|delete)\b/i, "a WITH that changes rows"],
];

/** Lists what is wrong with a statement that is about single tenants. */
export function distributionFaults(sql: string, kinds: TableKinds): readonly string[] {
  const nodes = parseNodes(sql);
  const made = new Set(withNames(nodes));
  return [
    ...bannedIn(sql),
    ...(/\bcurrent_setting\s*\(/i.test(sql) ? ["a setting of the session"] : []),
    ...armsOf(nodes).flatMap((arm) => armFaults(arm, kinds, made)),
    ...insertFaults(nodes, kinds),
  ];
}

/** Lists what no statement may have at all. */
export function bannedIn(sql: string): readonly string[] {
  return banned.flatMap(([pattern, name]) => (pattern.test(sql) ? [name] : []));
}

function armFaults(arm: Arm, kinds: TableKinds, made: ReadonlySet<string>): readonly string[] {
  const unknown = arm.tables.filter(
    ({ name }) => !kinds.ofTenants.has(name) && !kinds.global.has(name) && !made.has(name),
  );
  const bound = arm.verb === "insert" ? undefined : boundAliases(arm, kinds);
  const unbound = tenantTables(arm, kinds).filter(
    ({ alias }) => bound !== undefined && !bound.has(alias),
  );
  return [
    ...unknown.map(({ name }) => `no table ${name}`),
    ...unbound.map(({ name, alias }) => `${name} (${alias}) has no tenant`),
    ...(unbound.length < tenantTables(arm, kinds).length && conditionOf(arm).includes("or")
      ? ["an OR beside the tenant"]
      : []),
    ...setFaults(arm),
  ];
}

function tenantTables({ tables }: Arm, { ofTenants }: TableKinds): Arm["tables"] {
  return tables.filter(({ name }) => ofTenants.has(name));
}

/** The names under which tables are bound to a tenant: by a parameter, or by equality with one that is. */
function boundAliases(arm: Arm, kinds: TableKinds): ReadonlySet<string> {
  const bound = new Set(arm.outer === undefined ? [] : boundAliases(arm.outer, kinds));
  const tables = tenantTables(arm, kinds);
  const equalities = tenantEqualities(conditionOf(arm));
  // Names inside hide those outside.
  for (const { alias } of arm.tables) {
    bound.delete(alias);
  }
  for (let round = 0; round <= tables.length; round++) {
    for (const { left, right } of equalities) {
      const alias = left ?? (tables.length === 1 ? tables[0]?.alias : undefined);
      if (alias !== undefined && (right === "?" || bound.has(right))) {
        bound.add(alias);
      }
      if (alias !== undefined && right !== "?" && bound.has(alias)) {
        bound.add(right);
      }
    }
  }
  return bound;
}

interface TenantEquality {
  /** Undefined where the column stands alone. */
  readonly left: string | undefined;
  /** A placeholder, or the name of a table with the same tenant. */
  readonly right: string;
}

function tenantEqualities(nodes: readonly Node[]): readonly TenantEquality[] {
  return nodes.flatMap((node, index) => {
    if (node !== "tenant_id" || nodes[index + 1] !== "=") {
      return [];
    }
    const isQualified = nodes[index - 1] === ".";
    const qualifier = nodes[index - 2];
    const left = isQualified && typeof qualifier === "string" ? qualifier : undefined;
    const other = nodes[index + 2];
    if (other === "?") {
      return [{ left, right: "?" }];
    }
    const isColumn = nodes[index + 3] === "." && nodes[index + 4] === "tenant_id";
    return typeof other === "string" && isColumn ? [{ left, right: other }] : [];
  });
}

/** What stands behind WHERE and ON, parentheses aside. */
function conditionOf({ verb, nodes }: Arm): readonly Node[] {
  const starts = ["where", "on"].map((word) => nodes.indexOf(word)).filter((at) => at >= 0);
  return verb === "insert" || starts.length === 0 ? [] : nodes.slice(Math.min(...starts));
}

/** What UPDATE and DO UPDATE may not set. */
function setFaults({ nodes }: Arm): readonly string[] {
  const start = nodes.indexOf("set");
  if (start < 0) {
    return [];
  }
  const rest = nodes.slice(start + 1);
  const end = rest.findIndex((node) => node === "where" || node === "returning" || node === "from");
  const assignments = splitAt(end < 0 ? rest : rest.slice(0, end), ",");
  return assignments.flatMap(([column, , ...value]) => [
    ...(column === "tenant_id" ? ["changes the tenant"] : []),
    ...(!nodes.includes("conflict") || isPlain(value)
      ? []
      : [`DO UPDATE computes ${String(column)}`]),
  ]);
}

/** A column of the row that was to be inserted, NULL, a number or a parameter. */
function isPlain(value: readonly Node[]): boolean {
  const [first, ...others] = value;
  return others.length === 0
    ? typeof first === "string" && /^(null|\?|'|\d+)$/.test(first)
    : first === "excluded" && others[0] === "." && others.length === 2;
}

/** INSERT names the tenant by a parameter, or takes that of a row it reads; nothing is read inside VALUES. */
function insertFaults(nodes: readonly Node[], { ofTenants }: TableKinds): readonly string[] {
  const [verb, , table, columns] = nodes;
  if (verb !== "insert" || typeof table !== "string" || !ofTenants.has(table)) {
    return [];
  }
  const place = listOf(columns).findIndex((column) => column[0] === "tenant_id");
  const select = nodes.indexOf("select");
  const rows =
    select < 0
      ? rowsBehind(nodes, nodes.indexOf("values") + 1)
      : [nodes.slice(select + 1, nodes.indexOf("from", select))];
  const conflict = nodes.indexOf("conflict");
  return [
    ...(place < 0 ? ["inserts no tenant"] : []),
    ...(rows.every((row) => isTenant(listOf(row)[place], select < 0))
      ? []
      : ["inserts a tenant that is no parameter"]),
    ...(select < 0 && JSON.stringify(rows).includes('"select"') ? ["reads inside VALUES"] : []),
    ...(conflict >= 0 && listOf(nodes[conflict + 1])[0]?.[0] !== "tenant_id"
      ? ["ON CONFLICT does not begin with the tenant"]
      : []),
  ];
}

function rowsBehind(nodes: readonly Node[], start: number): readonly Node[] {
  const rest = nodes.slice(start);
  const end = rest.findIndex((node) => node === "on" || node === "returning");
  return (end < 0 ? rest : rest.slice(0, end)).filter((node) => typeof node !== "string");
}

function listOf(node: Node | undefined): readonly (readonly Node[])[] {
  return node === undefined || typeof node === "string" ? [] : splitAt(node, ",");
}

function isTenant(value: readonly Node[] | undefined, isParameterOnly: boolean): boolean {
  const nodes = value?.filter((node) => node !== "distinct");
  if (nodes?.length === 1) {
    return nodes[0] === "?";
  }
  return !isParameterOnly && nodes?.[1] === "." && nodes[2] === "tenant_id";
}
