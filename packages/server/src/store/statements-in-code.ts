/** The statements that are written in the code of the stores, so that tests can ask whether each of them was run. */
import { readdirSync, readFileSync } from "node:fs";

/** A statement as the code has it. */
export interface StatementInCode {
  readonly file: string;
  /** The text up to the first part that is put in, spaces made one. */
  readonly start: string;
}

const written = /`((?:SELECT|INSERT|UPDATE|DELETE|WITH)\s[^`]*)`/g;
const built = /\.(selectFrom|insertInto|updateTable|deleteFrom)\(\s*"(\w+)"/g;
const builtStarts: Readonly<Record<string, string>> = {
  insertInto: "insert into",
  updateTable: "update",
  deleteFrom: "delete from",
};

/** Lists the statements of some folders beside this file. */
export function statementsInCode(...folders: readonly string[]): readonly StatementInCode[] {
  return folders.flatMap((folder) => {
    const url = new URL(`./${folder}/`, import.meta.url);
    return readdirSync(url)
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .flatMap((name) =>
        startsIn(readFileSync(new URL(name, url), "utf8")).map((start) => ({ file: name, start })),
      );
  });
}

/** Makes one text of every spelling: spaces are one, placeholders have no number. */
export function plainText(sql: string): string {
  return sql.replace(/\$\d+/g, "?").replace(/\s+/g, " ").trim();
}

function startsIn(code: string): readonly string[] {
  return [
    ...[...code.matchAll(written)].map(([, sql = ""]) => plainText(sql.split("${")[0] ?? "")),
    ...[...code.matchAll(built)].map(([, verb = "", table]) =>
      verb === "selectFrom" ? `from "${table}"` : `${builtStarts[verb]} "${table}"`,
    ),
  ];
}

/** Written for databases on which many transactions write at once; the others never run it. */
export const forManyWriters: readonly RegExp[] = [
  /tenant_(facts|turns)/,
  /resource_total_deltas/,
  /instance_counters/,
  /FOR NO KEY UPDATE/,
  /^SELECT webhook_id FROM webhooks .* FOR (SHARE|UPDATE)$/,
  /^SELECT DISTINCT e\.tenant_id FROM outbox_events/,
  /^SELECT last_audit_number, last_outbox_position FROM tenants/,
  /^SELECT tenant_id FROM audit_entries WHERE audit_number IS NULL/,
  /^SELECT live FROM resource_totals/,
  /^SELECT count\(\*\) AS unnumbered/,
  /^SELECT CASE WHEN$/,
];

/** Written for databases on which one transaction writes at a time, which alone run it. */
export const forOneWriter: readonly RegExp[] = [
  /^UPDATE resource_totals SET live = live \+ 1/,
  /^UPDATE tenants SET last_outbox_position = last_outbox_position \+ \?/,
];
