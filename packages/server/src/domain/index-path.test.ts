import { createStandardRegistry } from "@rollcall/scim";
import { expect, test } from "vitest";
import { formatIndexPaths, indexPathsMax, parseIndexPaths } from "./index-path.ts";

const registry = createStandardRegistry();
const parse = (...texts: readonly string[]) => parseIndexPaths(texts, registry);
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

test("paths come out by type, in the spelling of the schema, each once", () => {
  expect(
    parse("User:title", "user:TITLE", `User:${enterprise}:department`, "User:name.familyname"),
  ).toEqual({ User: ["title", `${enterprise}:department`, "name.familyName"] });
  expect(formatIndexPaths({ indexPaths: { User: ["title", "nickName"] } })).toEqual([
    "User:title",
    "User:nickName",
  ]);
  expect(formatIndexPaths({})).toEqual([]);
});

test("none is no path, and only when it is alone", () => {
  expect(parse("none")).toEqual({});
  expect(() => parse("none", "User:title")).toThrow('"none" names no index');
});

test.each([
  ["title", "the types are User, Group"],
  ["Robot:title", "write TYPE:PATH"],
  ["User:", "write TYPE:PATH"],
  ["User:frob", "User has no attribute frob"],
  ["Group:title", "Group has no attribute title"],
  [`User:${enterprise}`, "has no attribute"],
  ["User:emails", "is complex: name one of its parts, such as emails.value"],
  ["User:active", "is no text but a boolean"],
  ["User:userName", "has an index already"],
  ["User:id", "has an index already"],
  ["User:meta.created", "cannot have an index"],
  ["User:schemas", "cannot have an index"],
  ["User:password", "is never returned"],
  ["User:groups.value", "without an index of its own"],
  ["Group:members.value", "without an index of its own"],
])("%s is refused: %s", (text, words) => {
  expect(() => parse(text)).toThrow(words);
});

test("the most paths pass, one more does not", () => {
  const parts = ["formatted", "streetAddress", "locality", "region", "postalCode", "country"];
  const others = ["nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale"];
  const names = ["familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
  const many = [
    ...parts.map((part) => `addresses.${part}`),
    ...others,
    ...names.map((part) => `name.${part}`),
    "timezone",
    "phoneNumbers.value",
    "photos.value",
    "ims.value",
  ].map((path) => `User:${path}`);
  expect(many).toHaveLength(indexPathsMax + 1);
  expect(parse(...many.slice(1))["User"]).toHaveLength(indexPathsMax);
  expect(() => parse(...many)).toThrow(`User can have ${indexPathsMax} indexes at most`);
});
