/** Tells over the admin API how Users stand to accounts. */
import { linkJsonOf, readLink } from "../../admin-contract/links.ts";
import { scopeOf as scopeOfConnection } from "../../domain/connection.ts";
import { personOf, personType } from "../../domain/person.ts";
import { connectionOf } from "./connections.ts";
import { settingsOf } from "./people.ts";
import { notFound } from "./problem.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedLinks: readonly ServedOperation[] = [
  servedInTenant(readLink, async ({ tenant, path }, parts) => {
    const { store, registry } = parts;
    const connection = await connectionOf(tenant, path, parts);
    const scope = scopeOfConnection(connection);
    const userId = path["user"] ?? "";
    const userResourceType = registry.named(personType);
    const user =
      userResourceType && (await store.resources.read(scope, userResourceType, userId, []));
    if (user === undefined) {
      throw notFound("user");
    }
    const link = await store.memberships.linkOf(scope, userId);
    const settings = await settingsOf(tenant, parts);
    const { active } = personOf(user.attributes);
    return {
      body: linkJsonOf({ connection: connection.slug, userId }, { link, active, settings }),
    };
  }),
];
