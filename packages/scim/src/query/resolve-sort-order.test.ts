import { expect, test } from "vitest";
import { formatResolvedPath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { resolveSortOrder } from "./resolve-sort-order.ts";

const { schemaUris } = createStandardRegistry();
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

function resolve(sortBy: string) {
  const text = { sortBy, sortOrder: "descending" } as const;
  return resolveSortOrder(text, userResourceType, { unqualifiedExtensionNames: false, schemaUris });
}

test.each([
  ["userName", "userName"],
  ["USERNAME", "userName"],
  ["name.familyName", "name.familyName"],
  ["emails", "emails.value"],
  ["emails.type", "emails.type"],
  ["meta.created", "meta.created"],
  [`${enterprise}:department`, `${enterprise}:department`],
])("%s is %s", (sortBy, path) => {
  const sort = resolve(sortBy);
  expect(formatResolvedPath(sort.path)).toBe(path);
  expect(sort.descending).toBe(true);
});

test.each([
  ["nope", "invalidValue"],
  ["name.nope", "invalidValue"],
  ["department", "invalidValue"],
  ["password", "invalidValue"],
  ["name", "invalidPath"],
  ["addresses", "invalidPath"],
  [enterprise, "invalidPath"],
])("%s is %s", (sortBy, scimType) => {
  expect(() => resolve(sortBy)).toThrow(ScimError);
  expect(() => resolve(sortBy)).toThrow(expect.objectContaining({ scimType }));
});

test("the refusal names what cannot be sorted by", () => {
  expect(() => resolve("nope")).toThrow("nope is no attribute of User to sort by");
  expect(() => resolve("name")).toThrow("name has no order");
});
