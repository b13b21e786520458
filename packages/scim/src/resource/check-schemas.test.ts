/** What lenient reading says about `schemas`. */
import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { userResourceType } from "../schema/user.ts";
import { validateResource } from "./validate-resource.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const lenient = { strict: false, unqualifiedExtensionNames: false };
const read = (body: JsonObject) => validateResource(body, userResourceType, lenient);

test("leniently, schemas that are no list of URIs are ignored with a warning; none at all is fine", () => {
  for (const schemas of [core, [1], [core, null]]) {
    expect(read({ userName: "a", schemas }).warnings).toEqual([
      expect.stringMatching(/^schemas: expected an array of schema URIs/),
    ]);
  }
  expect(read({ userName: "a" }).warnings).toEqual([]);
  expect(read({ userName: "a", schemas: [core] }).warnings).toEqual([]);
});
