import { expect, test } from "vitest";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { foldFilter } from "./fold-filter.ts";
import { parseFilter } from "./parse-filter.ts";
import { resolveFilter } from "./resolve-filter.ts";

const { resourceTypes, schemaUris } = createStandardRegistry();
const reading = { strict: true, unqualifiedExtensionNames: false, schemaUris };

/** What is left of a filter for User and for Group: all, none, or the operators that are left. */
function left(text: string): readonly string[] {
  return resourceTypes.map((resourceType) => {
    const filter = resolveFilter(parseFilter(text, reading), resourceType, {
      ...reading,
      unknownAttributes: "absent",
    });
    const folded = foldFilter(filter, resourceType);
    return folded.kind === "some"
      ? JSON.stringify(folded.filter, (name, value) =>
          name === "path" ? value.attribute.name : value,
        )
      : folded.kind;
  });
}

const name = '{"kind":"comparison","path":"displayName","operator":"eq","comparable":"a"}';

test.each([
  ['meta.resourceType eq "User"', "all", "none"],
  ['meta.resourceType ne "User"', "none", "all"],
  ['meta.resourceType eq "user"', "none", "none"],
  ["meta.resourceType pr", "all", "all"],
  ['not (meta.resourceType eq "Group")', "all", "none"],
  ['meta.resourceType eq "User" or meta.resourceType eq "Group"', "all", "all"],
  ['meta.resourceType eq "Group" and displayName eq "a"', "none", name],
  ['meta.resourceType eq "Group" or displayName eq "a"', name, "all"],
  [
    'not (meta.resourceType eq "Group" or displayName eq "a")',
    `{"kind":"not","operand":${name}}`,
    "none",
  ],
  ["nope pr", "none", "none"],
  ['nope eq "a"', "none", "none"],
  ['nope ne "a"', "all", "all"],
  ["nope eq null", "all", "all"],
  ["nope ne null", "none", "none"],
  ['nope gt "a"', "none", "none"],
  ['nope[value eq "a"]', "none", "none"],
  ['urn:example:x:nope eq "a"', "none", "none"],
  ['name.nope eq "a"', "none", "none"],
  ['nope eq "a" or displayName eq "a"', name, name],
  ["not (nope pr)", "all", "all"],
])("%s: %s of the Users, %s of the Groups", (text, ofUsers, ofGroups) => {
  expect(left(text)).toEqual([ofUsers, ofGroups]);
});

test("an unknown part of an element is absent too", () => {
  expect(left('emails[nope eq "a"]')).toEqual([
    '{"kind":"any","path":"emails","filter":{"kind":"or","operands":[]}}',
    "none",
  ]);
});

test("no filter is all", () => {
  expect(foldFilter(undefined, { name: "User" })).toEqual({ kind: "all" });
});
