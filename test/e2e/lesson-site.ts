/** What the lessons are tried on: one server, tenants with a SCIM client each, and the rows behind an account. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { AccountId, Link } from "../../packages/server/src/domain/account.ts";
import type { MembershipWish } from "../../packages/server/src/domain/membership-wish.ts";
import type { TenantId } from "../../packages/server/src/domain/tenant.ts";
import { checkAccess } from "../../packages/server/src/provisioning/access-check.ts";
import { saveTestSettings } from "../../packages/server/src/store/contract-population.ts";
import { SqliteDriver } from "../../packages/server/src/store/sqlite/sqlite-driver.ts";
import type { TestRollcall } from "../compose-for-tests.ts";
import { composeForTests } from "../compose-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import type { Finding } from "./invariants.ts";
import { findBrokenInvariants } from "./invariants.ts";
import { findBrokenInvariants as findBrokenInPostgres } from "./postgres-invariants.ts";
import { patchMessage, userMessage } from "./scim-site.ts";

/** An answer with all that a client can see of it. */
export interface WholeAnswer {
  readonly status: number;
  readonly location: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read what they expect and fail where it is not there.
  readonly body: any;
  /** Status, headers and body as text. */
  readonly text: string;
}

/** How many audit entries, events and mails something has caused. */
export interface Caused {
  readonly entries: number;
  readonly events: readonly string[];
  readonly mails: readonly string[];
}

/** A tenant with one SCIM client. */
export interface LessonTenant {
  readonly tenantId: TenantId;
  call(method: string, path: string, body?: object): Promise<WholeAnswer>;
  post(attributes: object): Promise<WholeAnswer>;
  patch(id: string, ...operations: readonly object[]): Promise<WholeAnswer>;
  /** Has a User there; answers with its id. */
  push(attributes: object): Promise<string>;
  /** The account behind a User. */
  accountOf(id: string): Promise<AccountId>;
  /** What has been caused since the last call. */
  caused(): Promise<Caused>;
  linkOf(id: string): Promise<(Link & { readonly reason: string | undefined }) | undefined>;
  wish(accountId: AccountId, wish: MembershipWish): Promise<void>;
  set(settings: Readonly<Record<string, string | boolean | Record<string, string>>>): Promise<void>;
  /** Role and state of somebody, as the application asks for them. */
  access(accountId: AccountId): Promise<readonly [state: string, role: string | null]>;
}

/** What causes nothing. */
export const nothing: Caused = { entries: 0, events: [], mails: [] };

/** A server on one database. */
export interface LessonSite {
  readonly rollcall: TestRollcall;
  /** An address that nobody has; of one length, since answers are compared. */
  newAddress(): string;
  newTenant(): Promise<LessonTenant>;
  account(
    email: string,
    more?: { readonly [Flag in "emailVerified" | "hasLogin"]?: boolean } & {
      readonly name?: string;
      readonly preferredLanguage?: string;
      readonly ref?: string;
    },
  ): Promise<AccountId>;
  /** Every row that is kept of an account itself, and of its membership in a tenant. */
  rowsOf(accountId: AccountId, home: TenantId): Promise<string>;
  /** What does not hold of all that is stored. */
  brokenInvariants(): Promise<readonly Finding[]>;
  remove(): Promise<void>;
}

/** Opens a site. */
export async function openLessonSite(database: "sqlite" | "icu"): Promise<LessonSite> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-lessons-"));
  const postgres = database === "sqlite" ? undefined : await createTestDatabase(database);
  const databaseUrl = postgres?.url;
  const rollcall = await composeForTests({ data: folder, databaseUrl }, { database: "sqlite" });
  const origin = await rollcall.listen();
  let tenants = 0;
  let addresses = 0;
  return {
    rollcall,
    newAddress() {
      addresses += 1;
      return `p${String(addresses).padStart(6, "0")}@globex.example`;
    },
    async newTenant() {
      tenants += 1;
      return tenantOn(rollcall, origin, `t${tenants}`);
    },
    async account(email, more = {}) {
      const wanted = { email, emailVerified: true, hasLogin: true, ...more };
      return (await rollcall.people.createAccount(wanted)).accountId;
    },
    async rowsOf(accountId, home) {
      const questions = [
        ...["accounts", "account_emails"].map((table) => ({ table, parameters: [accountId] })),
        ...["memberships", "grants", "locks", "links", "login_identities", "declines"].map(
          (table) => ({ table, parameters: [accountId, home] }),
        ),
      ];
      return JSON.stringify(await readRows(questions, { folder, databaseUrl }));
    },
    brokenInvariants: async () =>
      databaseUrl === undefined
        ? findBrokenInvariants(folder)
        : await findBrokenInPostgres(databaseUrl),
    async remove() {
      await rollcall.remove();
      await postgres?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tenantOn(
  rollcall: TestRollcall,
  origin: string,
  slug: string,
): Promise<LessonTenant> {
  const { scope, token } = await rollcall.newTenant(slug);
  const { tenantId } = scope;
  const { store } = rollcall;
  let seen = { entries: 0, position: 0, mails: 0 };
  const call: LessonTenant["call"] = (method, path, body) =>
    callWhole(`${origin}/scim/v2${path}`, token, method, body);
  const tenant: LessonTenant = {
    tenantId,
    call,
    post: (attributes) => call("POST", "/Users", userMessage(attributes)),
    patch: (id, ...operations) => call("PATCH", `/Users/${id}`, patchMessage(...operations)),
    async push(attributes) {
      const { status, body } = await tenant.post(attributes);
      if (status !== 201) {
        throw new Error(`${status} ${JSON.stringify(body)}`);
      }
      return body.id;
    },
    async accountOf(id) {
      const link = await tenant.linkOf(id);
      if (link?.accountId === undefined) {
        throw new Error(`${id} should have an account`);
      }
      return link.accountId;
    },
    async caused() {
      const entries = await store.auditLog.count(tenantId);
      const events = await store.outbox.list(tenantId, { after: seen.position, limit: 1000 });
      const mails = await store.mails.list(tenantId, { limit: 1000 });
      const caused = {
        entries: entries - seen.entries,
        events: events.map(({ type }) => type).sort(),
        mails: mails.slice(seen.mails).map(({ kind }) => kind),
      };
      const position = events.at(-1)?.position ?? seen.position;
      seen = { entries, position, mails: mails.length };
      return caused;
    },
    linkOf: (id) => store.memberships.linkOf(scope, id),
    async wish(accountId, wish) {
      const circumstances = rollcall.circumstances();
      await store.memberships.fulfil(tenantId, accountId, wish, circumstances);
    },
    async set(settings) {
      await saveTestSettings(store, tenantId, settings, {
        circumstances: rollcall.circumstances(),
      });
    },
    async access(accountId) {
      const [check] = (await checkAccess(store, tenantId, [{ accountId }])) ?? [];
      return [check?.access.state ?? "unknown", check?.access.role ?? null];
    },
  };
  await tenant.caused();
  return tenant;
}

async function callWhole(
  url: string,
  token: string,
  method: string,
  body: object | undefined,
): Promise<WholeAnswer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const headers = [...response.headers].filter(([name]) => name !== "date").sort();
  return {
    status: response.status,
    location: response.headers.get("location"),
    body: text === "" ? undefined : JSON.parse(text),
    text: JSON.stringify([response.status, headers, text]),
  };
}

interface RowQuestion {
  readonly table: string;
  readonly parameters: readonly string[];
}

async function readRows(
  questions: readonly RowQuestion[],
  { folder, databaseUrl }: { readonly folder: string; readonly databaseUrl: string | undefined },
): Promise<readonly unknown[]> {
  const where = (one: string, two: string, { parameters }: RowQuestion) =>
    parameters.length === 1 ? `account_id = ${one}` : `account_id = ${one} AND tenant_id = ${two}`;
  if (databaseUrl === undefined) {
    const database = new SqliteDriver(join(folder, "rollcall.db"), { readonly: true });
    try {
      return questions.map((question) =>
        database
          .prepare(`SELECT * FROM ${question.table} WHERE ${where("?", "?", question)}`)
          .all(...question.parameters),
      );
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const rows: unknown[] = [];
    for (const question of questions) {
      const text = `SELECT * FROM ${question.table} WHERE ${where("$1", "$2", question)}`;
      rows.push((await client.query(text, [...question.parameters])).rows);
    }
    return rows;
  } finally {
    await client.end();
  }
}
