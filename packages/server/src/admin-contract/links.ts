/** How Users stand to accounts in the admin API; over SCIM nobody is told (I4). */
import { z } from "zod";
import type { Link, LinkState } from "../domain/account.ts";
import type { LinkGround } from "../domain/link-reason.ts";
import { linkReasonOf } from "../domain/link-reason.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery } from "./operation.ts";

/** The link of a User. */
export interface LinkJson {
  /** The slug of the connection. */
  readonly connection: string;
  readonly userId: string;
  readonly state: LinkState;
  readonly reason: string | null;
  readonly accountId: string | null;
  /** What the identity provider asserts. */
  readonly active: boolean;
  /** The tenant role that the roles of the User come to. */
  readonly role: string | null;
}

/** Shows the link of a User. */
export function linkJsonOf(
  place: { readonly connection: string; readonly userId: string },
  ground: LinkGround & {
    readonly link: (Link & { readonly reason: string | undefined }) | undefined;
  },
): LinkJson {
  const { link, active } = ground;
  return {
    ...place,
    state: link?.state ?? "none",
    reason: linkReasonOf(ground) ?? null,
    accountId: link?.accountId ?? null,
    active,
    role: link?.role ?? null,
  };
}

const linkSchema: z.ZodType<LinkJson> = named(
  "Link",
  z.object({
    connection: z.string().describe("The slug of the connection"),
    userId: z.string(),
    state: z.enum(["none", "pending", "linked", "declined"]),
    reason: z
      .string()
      .nullable()
      .describe(
        "Of pending and declined: invited, declined; of none: directory-only, inactive, staged (the connection is not active yet), taken (another User of the connection has the account), policy, erased; null where there is nothing to explain",
      ),
    accountId: z.string().nullable(),
    active: z.boolean().describe("What the identity provider asserts"),
    role: z.string().nullable().describe("The tenant role that the roles of the User come to"),
  }),
);

/** Reads the link of a User. */
export const readLink: Operation<object, undefined, LinkJson> = {
  operationId: "readLink",
  method: "GET",
  path: "/tenants/{tenant}/links/{connection}/{user}",
  noun: "links",
  summary: "Tell how a User stands to an account, and why; only here, never over SCIM",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: linkSchema,
};
