/** The table of POST /Users (semantics §2) row by row over HTTP, with accounts in play, on both databases. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AccountId } from "../../packages/server/src/domain/account.ts";
import type { Caused, LessonSite, LessonTenant } from "./lesson-site.ts";
import { nothing, openLessonSite } from "./lesson-site.ts";

/** What is there: the Users A and B of people who had accounts before, and somebody who has an account elsewhere. */
interface Ground {
  readonly tenant: LessonTenant;
  readonly ids: Readonly<Record<"a" | "b", string>>;
  readonly accountOfA: AccountId;
  readonly stranger: AccountId;
  /** Addresses: of A, of the stranger, of nobody. */
  readonly addresses: Readonly<Record<"a" | "stranger" | "nobody", string>>;
}

interface Row {
  readonly row: string;
  readonly before?: (ground: Ground) => Promise<unknown>;
  /** The body, with the address of whom. */
  readonly body: object;
  readonly of: keyof Ground["addresses"];
  readonly status: number;
  readonly caused: Caused;
  /** Whose User it is afterwards: that of A, or a new one; undefined where none was touched. */
  readonly is?: "a" | "new";
  readonly link?: string;
  /** Whose account is behind it. */
  readonly behind?: "a" | "stranger" | "new";
  readonly access?: readonly [string, string | null];
}

const member = ["active", "user"] as const;
const created: Caused = { entries: 1, events: ["user.created"], mails: [] };
const updated: Caused = { entries: 1, events: ["user.updated"], mails: [] };
const made = { status: 201, is: "new", link: "linked", access: member, caused: created } as const;
const adopted = { status: 200, is: "a", link: "linked", behind: "a", of: "a" } as const;
const conflict = { status: 409, caused: nothing, of: "stranger" } as const;
const invalid = { status: 400, caused: nothing, of: "stranger" } as const;

const rows: readonly Row[] = [
  { row: "1, no userName", body: {}, ...invalid },
  { row: "1, blank", body: { userName: " " }, ...invalid },
  { row: "2, nobody", body: { userName: "new" }, of: "nobody", ...made, behind: "new" },
  {
    row: "3, a member",
    before: ({ tenant, stranger }) => tenant.wish(stranger, { kind: "add", role: "admin" }),
    body: { userName: "new" },
    of: "stranger",
    ...{ ...made, access: ["active", "admin"], behind: "stranger" },
  },
  {
    row: "3, a member whom an admin has locked",
    before: async ({ tenant, stranger }) => {
      await tenant.wish(stranger, { kind: "add", role: "admin" });
      await tenant.wish(stranger, { kind: "lock", source: "admin", reason: undefined });
    },
    body: { userName: "new" },
    of: "stranger",
    ...{ ...made, access: ["suspended", null], behind: "stranger" },
  },
  {
    row: "4, an account elsewhere",
    body: { userName: "new", roles: ["viewer"] },
    of: "stranger",
    ...{ ...made, access: ["active", "viewer"], behind: "stranger" },
    caused: { ...created, mails: ["attached"] },
  },
  {
    row: "5, the address of another live User",
    body: { userName: "new" },
    of: "a",
    ...{ status: 201, is: "new", link: "none", caused: created },
  },
  {
    row: "6, inactive",
    body: { userName: "new", active: false },
    of: "stranger",
    ...{ status: 201, is: "new", caused: created },
  },
  {
    row: "7, unchanged",
    body: { userName: "A", externalId: "xa" },
    ...{ ...adopted, access: member, caused: nothing },
  },
  {
    row: "7, reactivated",
    before: ({ tenant, ids }) =>
      tenant.patch(ids.a, { op: "replace", path: "active", value: false }),
    body: { userName: "A", externalId: "xa", active: true },
    ...{ ...adopted, access: member },
    caused: { entries: 1, events: ["access.changed", "user.reactivated"], mails: [] },
  },
  {
    row: "8, renamed",
    body: { userName: "A anew", externalId: "xa" },
    ...{ ...adopted, access: member, caused: updated },
  },
  {
    row: "9, externalId set",
    before: ({ tenant, ids }) => tenant.patch(ids.a, { op: "remove", path: "externalId" }),
    body: { userName: "A", externalId: "fresh" },
    ...{ ...adopted, access: member, caused: updated },
  },
  { row: "10, another externalId", body: { userName: "A", externalId: "fresh" }, ...conflict },
  { row: "11, A and B", body: { userName: "A", externalId: "xb" }, ...conflict },
  { row: "12, A alone", body: { userName: "A" }, ...conflict },
  {
    row: "13, a tombstone of this externalId",
    before: ({ tenant, ids }) => tenant.call("DELETE", `/Users/${ids.a}`),
    body: { userName: "A second", externalId: "xa" },
    of: "nobody",
    // That they were attached and detached before gathers with this in the digest of the day.
    ...{ ...made, behind: "a" },
  },
  {
    row: "13, a tombstone whose account is deactivated",
    before: async ({ tenant, ids }) => {
      await tenant.patch(ids.a, { op: "replace", path: "active", value: false });
      await tenant.call("DELETE", `/Users/${ids.a}`);
    },
    body: { userName: "A", externalId: "another" },
    of: "a",
    ...{ ...made, behind: "a" },
  },
];

describe.each([
  ["SQLite", "sqlite"],
  ["PostgreSQL", "icu"],
] as const)("on %s", (_, database) => {
  let site: LessonSite;
  beforeAll(async () => {
    site = await openLessonSite(database);
  }, 120_000);
  afterAll(() => site.remove());

  async function newGround(): Promise<Ground> {
    const tenant = await site.newTenant();
    const addresses = {
      a: site.newAddress(),
      stranger: site.newAddress(),
      nobody: site.newAddress(),
    };
    const accountOfA = await site.account(addresses.a);
    const stranger = await site.account(addresses.stranger);
    const emails = [{ value: addresses.a }];
    const a = await tenant.push({ userName: "A", externalId: "xa", emails });
    const b = await tenant.push({ userName: "B", externalId: "xb" });
    return { tenant, addresses, accountOfA, stranger, ids: { a, b } };
  }

  test.each(rows)("POST row $row", async (row) => {
    const ground = await newGround();
    const { tenant, addresses, ids } = ground;
    await row.before?.(ground);
    await tenant.caused();
    const emails = [{ value: addresses[row.of] }];
    const { status, location, body } = await tenant.post({ ...row.body, emails });
    expect(status).toBe(row.status);
    expect(await tenant.caused()).toEqual(row.caused);
    if (row.is === undefined) {
      expect(body.scimType).toBe(status === 409 ? "uniqueness" : "invalidValue");
      expect(await site.rollcall.store.accounts.tenantsOf(ground.stranger)).toEqual([]);
      return;
    }
    expect(location).toBe(body.meta.location);
    expect([ids.a, ids.b].includes(body.id) ? body.id : "new").toBe(row.is === "a" ? ids.a : "new");
    await expectBehind(row, ground, body.id);
  });

  /** Whose account is behind the User, and what they may do. */
  async function expectBehind(row: Row, { tenant, accountOfA, stranger }: Ground, id: string) {
    const link = await tenant.linkOf(id);
    expect(link?.state).toBe(row.link);
    if (row.behind === undefined) {
      expect(link?.accountId).toBeUndefined();
      expect(await tenant.access(stranger)).toEqual(["none", null]);
      return;
    }
    const accountId = await tenant.accountOf(id);
    const known = { [accountOfA]: "a", [stranger]: "stranger" }[accountId];
    expect(known ?? "new").toBe(row.behind);
    expect(await tenant.access(accountId)).toEqual(row.access);
  }

  test("after all of it the invariants hold", async () => {
    expect(await site.brokenInvariants()).toEqual([]);
  });
});
