/** The history of the schema on PostgreSQL, oldest first; entries are added at the end and never changed. */
import type { Migration } from "../../sql/migrations/migration.ts";
import { migration0001 } from "./migration-0001.ts";
import { migration0002 } from "./migration-0002.ts";
import { migration0003 } from "./migration-0003.ts";
import { migration0004 } from "./migration-0004.ts";
import { migration0005 } from "./migration-0005.ts";
import { migration0006 } from "./migration-0006.ts";
import { migration0007 } from "./migration-0007.ts";
import { migration0008 } from "./migration-0008.ts";
import { migration0009 } from "./migration-0009.ts";
import { migration0010 } from "./migration-0010.ts";
import { migration0011 } from "./migration-0011.ts";
import { migration0012 } from "./migration-0012.ts";

/** All migrations of the database. */
export const postgresMigrations: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
  migration0008,
  migration0009,
  migration0010,
  migration0011,
  migration0012,
];
