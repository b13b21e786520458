/**
 * The extension that tells a connection what it has asserted of a User, and which sources lock the person's membership of
 * its tenant (semantics §4). Nothing in it depends on accounts elsewhere (I4): who is not linked has no locks but its own.
 */
import type {
  AttributeDefinition,
  JsonObject,
  JsonValue,
  ResourceTypeRegistry,
  Schema,
} from "@rollcall/scim";
import {
  createResourceTypeRegistry,
  createStandardRegistry,
  defineAttribute,
  withExtension,
} from "@rollcall/scim";
import type { LockSource } from "./account.ts";

const computed = { mutability: "readOnly", returned: "request", stored: "computed" } as const;

const definitions: readonly AttributeDefinition[] = [
  {
    name: "assertedActive",
    description: "Whether the user is active as far as the client has said.",
    type: "boolean",
    ...computed,
  },
  {
    name: "locks",
    description: "What keeps the person from the tenant at present, whatever the client says.",
    type: "complex",
    multiValued: true,
    ...computed,
    subAttributes: [
      {
        name: "source",
        description:
          "Who has locked: the client itself (`scim`), an administrator, or whoever is responsible for security.",
        canonicalValues: ["scim", "admin", "security"],
        caseExact: true,
        mutability: "readOnly",
      },
    ],
  },
];

/** The schema of the extension. */
export const accessExtension: Schema = {
  id: "urn:rollcall:params:scim:schemas:extension:access:2.0:User",
  name: "Access",
  description: "What a user may do after all; returned to who asks for it",
  attributes: definitions.map(defineAttribute),
};

/** Makes the registry of the server: what RFC 7643 defines, with the extension. */
export function createServerRegistry(): ResourceTypeRegistry {
  return createResourceTypeRegistry(
    createStandardRegistry().resourceTypes.map((resourceType) =>
      resourceType.name === "User"
        ? withExtension(resourceType, { schema: accessExtension, required: false })
        : resourceType,
    ),
  );
}

/** The sources that a connection is told of, besides its own. */
const toldSources: readonly LockSource[] = ["admin", "security"];

/**
 * The values of the extension. The lock of the connection itself follows from what it asserts: whether it stands in the
 * tenant depends on the link, which would tell of accounts elsewhere. `locked` are the sources of a membership that the
 * User is linked to.
 */
export function accessOfUser(attributes: JsonObject, locked: readonly LockSource[]): JsonObject {
  const assertedActive = attributes["active"] !== false;
  const others = toldSources.filter((source) => locked.includes(source));
  const locks = (assertedActive ? others : ["scim", ...others]).map(
    (source): JsonValue => ({ source }),
  );
  return { assertedActive, ...(locks.length === 0 ? {} : { locks }) };
}
