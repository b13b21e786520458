/** Names in every notation, sorted by attribute. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { userResourceType } from "../schema/user.ts";
import { validateResource } from "./validate-resource.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const lenient = { strict: false, unqualifiedExtensionNames: false };
const read = (body: JsonObject) => validateResource(body, userResourceType, lenient);

describe("what is given twice in different notations is refused, not guessed", () => {
  test.each([
    ["userName", { userName: "a", [`${core}:userName`]: "b" }],
    ["userName", { userName: "a", [core]: { userName: "b" } }],
    ["name.givenName", { userName: "a", name: { GivenName: "B" }, "name.givenName": "C" }],
    ["name.givenName", { userName: "a", "name.givenName": "B", [`${core}:name.givenName`]: "C" }],
    [
      "department",
      { userName: "a", [enterprise]: { department: "d" }, [`${enterprise}:department`]: "e" },
    ],
  ])("%s", (name, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ scimType: "invalidSyntax" }));
    expect(() => read(body)).toThrow(new RegExp(`^${name} is given twice`));
  });

  test("parts that complete each other are joined", () => {
    const { attributes } = read({
      userName: "a",
      name: { familyName: "F" },
      "name.givenName": "G",
    });
    expect(attributes).toEqual({ userName: "a", name: { familyName: "F", givenName: "G" } });
  });
});
