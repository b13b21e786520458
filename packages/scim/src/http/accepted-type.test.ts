import { expect, test } from "vitest";
import { acceptedType } from "./accepted-type.ts";

test.each([
  [null, "application/scim+json"],
  ["", "application/scim+json"],
  ["application/scim+json", "application/scim+json"],
  ["Application/SCIM+JSON; charset=utf-8", "application/scim+json"],
  ["application/json", "application/json"],
  ["application/json, application/scim+json", "application/scim+json"],
  ["application/json, */*;q=0.1", "application/scim+json"],
  ["application/json, application/scim+json;q=0", "application/json"],
  ["*/*", "application/scim+json"],
  ["*", "application/scim+json"],
  ["application/*", "application/scim+json"],
  ["text/html, application/*;q=0.5", "application/scim+json"],
  ["text/html", undefined],
  ["text/html, application/xml", undefined],
  ["*/*;q=0", undefined],
  ["application/json;q=x", "application/json"],
])("%s is %s", (accept, expected) => {
  expect(acceptedType(accept)).toBe(expected);
});
