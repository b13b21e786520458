/** Everything that a server has written, byte for byte: the files of its data folder and the tables of its database. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/** One file, or one table as text. */
export interface StoredPart {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Reads all of it. */
export async function everythingStored(
  folder: string,
  databaseUrl: string | undefined,
): Promise<readonly StoredPart[]> {
  const files = readdirSync(folder).map((name) => ({
    name,
    bytes: readFileSync(join(folder, name)),
  }));
  return databaseUrl === undefined ? files : [...files, ...(await tablesOf(databaseUrl))];
}

async function tablesOf(url: string): Promise<readonly StoredPart[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()",
    );
    const parts: StoredPart[] = [];
    for (const { name } of rows) {
      const table = await client.query<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM ${name} t`,
      );
      parts.push({ name, bytes: Buffer.from(table.rows.map(({ row }) => row).join("\n")) });
    }
    return parts;
  } finally {
    await client.end();
  }
}
