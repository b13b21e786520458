/** Serves the description of the admin API. */

import { openApiDocument } from "../../admin-contract/openapi.ts";
import { readOpenApi } from "../../admin-contract/read-openapi.ts";
import type { ServedOperation } from "./served-operation.ts";
import { served } from "./served-operation.ts";

/** The operation. */
export const servedDocument: readonly ServedOperation[] = [
  served(readOpenApi, async (_, { site, version }) => ({
    body: openApiDocument({ url: site().url, version }),
  })),
];
