/** Derives packages/server/src/client/admin-operations.ts: where each operation of the admin API is, and its type. */
import { readdirSync, readFileSync } from "node:fs";
import type { Operation } from "../../packages/server/src/admin-contract/operation.ts";
import { operations } from "../../packages/server/src/admin-contract/operations.ts";

const contract = "packages/server/src/admin-contract";

/** Writes the file; operations are exported under their ids. */
export function formatClientOperations(): string {
  const texts = readdirSync(contract)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => [name, readFileSync(`${contract}/${name}`, "utf8")] as const);
  const modules = new Map<string, string[]>();
  for (const { operationId } of operations) {
    const found = texts.find(([, text]) =>
      text.includes(`export const ${operationId}: Operation<`),
    );
    if (found === undefined) {
      throw new TypeError(`no file of ${contract} exports ${operationId}`);
    }
    modules.set(found[0], [...(modules.get(found[0]) ?? []), operationId]);
  }
  const imports = [...modules]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, ids]) => importOf(name, ids.toSorted()));
  const places = operations.map(placeOf);
  const types = operations.map(
    ({ operationId }) => `  readonly ${operationId}: typeof ${operationId};`,
  );
  return `/** The operations of the admin API: where each of them is, and its type. Made by \`npm run docs\`; do not edit. */
${imports.join("\n")}

/** Where each operation is. */
export const adminOperations = {
${places.join("\n")}
} as const;

/** The operations of the contract by their ids. */
export interface AdminOperations {
${types.join("\n")}
}
`;
}

/** The longest line that the formatter leaves as it is. */
const lineLengthMax = 100;

function placeOf({ operationId, method, path }: Operation): string {
  const line = `  ${operationId}: { method: "${method}", path: "${path}" },`;
  return line.length <= lineLengthMax
    ? line
    : `  ${operationId}: {\n    method: "${method}",\n    path: "${path}",\n  },`;
}

function importOf(name: string, ids: readonly string[]): string {
  const line = `import type { ${ids.join(", ")} } from "../admin-contract/${name}";`;
  return line.length <= lineLengthMax
    ? line
    : `import type {\n${ids.map((id) => `  ${id},\n`).join("")}} from "../admin-contract/${name}";`;
}
