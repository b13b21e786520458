import { expect, test } from "vitest";
import { formatResolvedPath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { resolveSortPath } from "./resolve-sort-path.ts";

const { schemaUris } = createStandardRegistry();
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

function resolve(sortBy: string) {
  return resolveSortPath(sortBy, userResourceType, {
    unqualifiedExtensionNames: false,
    schemaUris,
  });
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
  const resolved = resolve(sortBy);
  expect(resolved && formatResolvedPath(resolved)).toBe(path);
});

test.each([
  ["password", "invalidValue"],
  ["name", "invalidPath"],
  ["addresses", "invalidPath"],
  [enterprise, "invalidPath"],
])("%s is %s", (sortBy, scimType) => {
  expect(() => resolve(sortBy)).toThrow(ScimError);
  expect(() => resolve(sortBy)).toThrow(expect.objectContaining({ scimType }));
});

test.each(["nope", "name.nope", "department"])("%s is nothing", (sortBy) => {
  expect(resolve(sortBy)).toBeUndefined();
});

test("the refusal names what cannot be sorted by", () => {
  expect(() => resolve("password")).toThrow("password is no attribute of User to sort by");
  expect(() => resolve("name")).toThrow("name has no order");
});
