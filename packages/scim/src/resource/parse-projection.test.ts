import { expect, test } from "vitest";
import { groupResourceType } from "../schema/group.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { parseProjection } from "./parse-projection.ts";
import { defaultProjection } from "./projection.ts";

const { schemaUris } = createStandardRegistry();
const qualified = { unqualifiedExtensionNames: false };
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

function pathsOf(
  attributes: string,
  resolution = qualified,
  uris = schemaUris,
  type = userResourceType,
): readonly (string | undefined)[] {
  const projection = parseProjection({ attributes }, type, uris, resolution);
  return projection.kind === "only"
    ? projection.paths.map(({ attribute, extension }) => attribute?.name ?? extension)
    : [projection.kind];
}

test.each([{}, { attributes: "" }, { attributes: " , ", excludedAttributes: "" }])(
  "%j is the default",
  (parameters) => {
    expect(parseProjection(parameters, userResourceType, schemaUris, qualified)).toBe(
      defaultProjection,
    );
  },
);

test("what was read once is the same again, and only for the same question", () => {
  const once = parseProjection({ attributes: "title" }, userResourceType, schemaUris, qualified);
  const again = parseProjection({ attributes: "title" }, userResourceType, schemaUris, qualified);
  expect(again).toBe(once);
  expect(once.kind).toBe("only");
  const excluded = { excludedAttributes: "title" };
  expect(parseProjection(excluded, userResourceType, schemaUris, qualified).kind).toBe("without");
  expect(pathsOf("members")).toEqual([]);
  expect(pathsOf("members", qualified, schemaUris, groupResourceType)).toEqual(["members"]);
  expect(pathsOf("department")).toEqual([]);
  expect(pathsOf("department", { unqualifiedExtensionNames: true })).toEqual(["department"]);
  expect(pathsOf("department")).toEqual([]);
  expect(pathsOf(enterprise)).toEqual([enterprise]);
  expect(pathsOf(enterprise, qualified, [])).toEqual([]);
});

test("both at once are refused each time", () => {
  const both = { attributes: "title", excludedAttributes: "title" };
  for (let round = 0; round < 2; round++) {
    expect(() => parseProjection(both, userResourceType, schemaUris, qualified)).toThrow(
      "exclude each other",
    );
  }
});

test("any number of lists, and long ones, are read right", () => {
  for (let index = 0; index < 300; index++) {
    expect(pathsOf(`title,nothing${index}`)).toEqual(["title"]);
  }
  expect(pathsOf(`${"nothing,".repeat(1000)}title`)).toEqual(["title"]);
});
