import { expect, test } from "vitest";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { matchScimRoute, operationOf, scimRoutesOf } from "./scim-routes.ts";

const registry = createStandardRegistry();

function match(path: string): string | undefined {
  const found = matchScimRoute(registry, path);
  return found === undefined ? undefined : `${found.route.template} ${found.name}`.trim();
}

test.each([
  ["", "/"],
  ["/", "/"],
  ["/Users", "/Users"],
  ["/users/", "/Users"],
  ["/GROUPS", "/Groups"],
  ["/Users/1", "/Users/{id} 1"],
  ["/Users/1/", "/Users/{id} 1"],
  ["/users/Ab%20c", "/Users/{id} Ab c"],
  ["/Users/a%252Fb", "/Users/{id} a%2Fb"],
  ["/Users/..%2F..", "/Users/{id} ../.."],
  ["/Users/.search", "/Users/.search"],
  ["/.search", "/.search"],
  ["/Me", "/Me"],
  ["/serviceproviderconfig", "/ServiceProviderConfig"],
  ["/Schemas/urn%3Aa:B", "/Schemas/{urn} urn:a:B"],
  ["/ResourceTypes/User", "/ResourceTypes/{name} User"],
])("%s is %s", (path, expected) => {
  expect(match(path)).toBe(expected);
});

test.each([
  "/Nope",
  "/Users/1/2",
  "/Users//1",
  "//Users",
  "/Users//",
  "/{endpoint}",
  "/Me/1",
  "/Users/%",
  "/Users/%FF",
  "/Users/a%00b",
  "/Users/a%0D%0Ab",
])("%s is nowhere", (path) => {
  expect(match(path)).toBeUndefined();
});

test("HEAD goes where GET goes, and Allow says so", () => {
  const route = matchScimRoute(registry, "/Users/1")?.route;
  expect(route && operationOf(route, "HEAD")).toEqual({ method: "GET", operation: "retrieve" });
  expect(() => route && operationOf(route, "POST")).toThrow(
    expect.objectContaining({
      status: 405,
      headers: { Allow: "GET, HEAD, PUT, PATCH, DELETE" },
    }),
  );
  expect(() => route && operationOf(route, "constructor")).toThrow(
    expect.objectContaining({ status: 405 }),
  );
});

test("the table lists every path once", () => {
  const templates = scimRoutesOf(registry).map(({ template }) => template);
  expect(new Set(templates).size).toBe(templates.length);
  expect(templates).toContain("/Groups/{id}");
});
