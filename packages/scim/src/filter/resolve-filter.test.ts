import { describe, expect, test } from "vitest";
import { formatResolvedPath } from "../attribute-path/resolve-attribute-path.ts";
import { ScimError } from "../errors.ts";
import type { Attribute, AttributeDefinition, DataType } from "../schema/attribute.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { parseFilter, parseValueFilter } from "./parse-filter.ts";
import { resolveFilter, resolveValueFilter } from "./resolve-filter.ts";
import type { ResolvedFilter } from "./resolved-filter.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const simple: readonly DataType[] = [
  "string",
  "boolean",
  "decimal",
  "integer",
  "dateTime",
  "binary",
  "reference",
];
const typed = simple.map(
  (type): AttributeDefinition => ({ name: `a-${type}`, description: "x", type }),
);
const type: ResourceType = withExtension(userResourceType, {
  required: false,
  schema: {
    id: "urn:example:x",
    name: "x",
    description: "x",
    attributes: [
      ...typed,
      { name: "tags", description: "x", multiValued: true },
      {
        name: "vault",
        description: "x",
        type: "complex" as const,
        subAttributes: [
          { name: "value", description: "x", returned: "never" as const },
          { name: "label", description: "x" },
        ],
      },
      {
        name: "keys",
        description: "x",
        type: "complex" as const,
        multiValued: true,
        subAttributes: [{ name: "value", description: "x", returned: "never" as const }],
      },
      { name: "asked", description: "x", returned: "request" as const },
    ].map(defineAttribute),
  },
});
const { schemaUris } = createResourceTypeRegistry([type, groupResourceType]);

interface Options {
  readonly strict?: boolean;
  readonly unqualifiedExtensionNames?: boolean;
  readonly of?: ResourceType;
}

function resolve(text: string, options: Options = {}): ResolvedFilter {
  const { strict = false, unqualifiedExtensionNames = false, of = type } = options;
  const filter = parseFilter(text, { strict: false, schemaUris });
  return resolveFilter(filter, of, { strict, unqualifiedExtensionNames });
}

/** The resolved filter as text, with its literals in comparison form. */
function show(filter: ResolvedFilter): string {
  switch (filter.kind) {
    case "present":
      return `${formatResolvedPath(filter.path)} pr`;
    case "comparison":
      return `${formatResolvedPath(filter.path)} ${filter.operator} ${JSON.stringify(filter.comparable)}`;
    case "and":
    case "or":
      return `(${filter.operands.map(show).join(` ${filter.kind} `)})`;
    case "not":
      return `not (${show(filter.operand)})`;
    case "any":
      return `${formatResolvedPath(filter.path)}[${show(filter.filter)}]`;
  }
}

function detailOf(text: string, options: Options = {}): string {
  try {
    resolve(text, options);
  } catch (error) {
    expect(error).toMatchObject({ scimType: "invalidFilter", status: 400 });
    return error instanceof ScimError ? error.message : "";
  }
  throw new TypeError(`${text} was accepted`);
}

test.each([
  ['USERNAME eq "BJensen"', 'userName eq "bjensen"'],
  ['externalId eq "BJ"', 'externalId eq "BJ"'],
  ['id ne "U1"', 'id ne "U1"'],
  ['schemas eq "urn:X"', 'schemas eq "urn:X"'],
  [
    'meta.created ge "2011-05-13T06:42:34+02:00"',
    'meta.created ge "2011-05-13T04:42:34.000000000Z"',
  ],
  ['meta.resourceType eq "User"', 'meta.resourceType eq "User"'],
  ['urn:ietf:params:scim:schemas:core:2.0:User:name.familyName co "X"', 'name.familyName co "x"'],
  [`${enterprise}:Department eq "R&D"`, `${enterprise}:department eq "r&d"`],
  [`${enterprise} pr`, `${enterprise} pr`],
  [`${enterprise} eq null`, `not (${enterprise} pr)`],
  ["title eq null", "not (title pr)"],
  ["title ne null", "title pr"],
  ["name eq null", "not (name pr)"],
  ["name pr", "name pr"],
  ["emails pr", "emails pr"],
  ['emails co "Example.COM"', 'emails.value co "example.com"'],
  ['groups eq "g1"', 'groups.value eq "g1"'],
  ['groups[type eq "Direct"]', 'groups[type eq "direct"]'],
  ["active eq true", "active eq true"],
  ['emails[type eq "Work" and value co "@A"]', 'emails[(type eq "work" and value co "@a")]'],
  ["emails[not (primary eq true) or display pr]", "emails[(not (primary eq true) or display pr)]"],
  ['name[givenName eq "X"]', 'name[givenName eq "x"]'],
  [`${enterprise}:manager[value eq "X"]`, `${enterprise}:manager[value eq "X"]`],
  ['urn:example:x:tags[value eq "Red"]', 'urn:example:x:tags[value eq "red"]'],
  ['schemas[value sw "urn:"]', 'schemas[value sw "urn:"]'],
  ['urn:example:x:tags eq "Red"', 'urn:example:x:tags eq "red"'],
  ['urn:example:x:asked eq "x"', 'urn:example:x:asked eq "x"'],
  ["urn:example:x:vault pr", "urn:example:x:vault pr"],
  ['x509Certificates.value eq "AQ=="', 'x509Certificates.value eq "AQ=="'],
  ["a pr or b pr and c pr", "refused"],
])("%s", (text, expected) => {
  if (expected === "refused") {
    expect(detailOf(text)).toBe("filter: a is no attribute of User");
  } else {
    expect(show(resolve(text, { strict: true }))).toBe(expected);
  }
});

test("members of a group resolve like other attributes", () => {
  const options = { of: groupResourceType, strict: true };
  expect(show(resolve('members eq "U2"', options))).toBe('members.value eq "U2"');
  expect(show(resolve('members.$ref ew "/U"', options))).toBe('members.$ref ew "/U"');
  expect(show(resolve('id eq "g1" and members[value eq "u1"]', options))).toBe(
    '(id eq "g1" and members[value eq "u1"])',
  );
});

test.each([
  ['nope eq "x"', "filter: nope is no attribute of User"],
  ['department eq "x"', "filter: department is no attribute of User"],
  ["constructor pr", "filter: constructor is no attribute of User"],
  ['urn:a:b:c eq "x"', "filter: urn:a:b:c is no attribute of User"],
  ['name.nope eq "x"', "filter: name.nope is no attribute of User"],
  [
    "urn:ietf:params:scim:schemas:core:2.0:User pr",
    "filter: the URI of the base schema needs an attribute behind it",
  ],
  [`${enterprise} eq "x"`, `filter: ${enterprise} needs an attribute behind it`],
  ['password eq "x"', "filter: password is never returned and cannot be filtered on"],
  ["password pr", "filter: password is never returned and cannot be filtered on"],
  ["password eq null", "filter: password is never returned and cannot be filtered on"],
  [
    'urn:example:x:vault.value eq "x"',
    "filter: urn:example:x:vault.value is never returned and cannot be filtered on",
  ],
  [
    'urn:example:x:vault eq "x"',
    "filter: urn:example:x:vault.value is never returned and cannot be filtered on",
  ],
  [
    'urn:example:x:keys eq "x"',
    "filter: urn:example:x:keys.value is never returned and cannot be filtered on",
  ],
  [
    'urn:example:x:vault[value eq "x"]',
    "filter: value is never returned and cannot be filtered on",
  ],
  ['name eq "x"', "filter: name is complex and needs a sub-attribute"],
  ['addresses eq "x"', "filter: addresses is complex and needs a sub-attribute"],
  ["title gt null", "filter: title: null can only be compared with eq and ne"],
  ["active gt true", "filter: active is of type boolean, which has no order for gt"],
  [
    'x509Certificates.value lt "a"',
    "filter: x509Certificates.value is of type binary, which has no order for lt",
  ],
  ['active co "t"', "filter: active is of type boolean, which co does not search"],
  ['meta.created sw "2011"', "filter: meta.created is of type dateTime, which sw does not search"],
  [
    "urn:example:x:a-integer ew 1",
    "filter: urn:example:x:a-integer is of type integer, which ew does not search",
  ],
  [
    "userName eq 42",
    "filter: userName is compared with a number, expected a string in double quotes",
  ],
  [
    "userName eq true",
    "filter: userName is compared with a boolean, expected a string in double quotes",
  ],
  ['active eq "yes"', "filter: active is compared with a string, expected true or false"],
  [
    "active eq yes",
    "filter: active is compared with a word without quotes, expected true or false",
  ],
  ["active eq 1", "filter: active is compared with a number, expected true or false"],
  [
    'urn:example:x:a-integer eq "5"',
    "filter: urn:example:x:a-integer is compared with a string, expected a number",
  ],
  [
    "urn:example:x:a-decimal eq 0x10",
    "filter: urn:example:x:a-decimal is compared with a word without quotes, expected a number",
  ],
  [
    'meta.created gt "soon"',
    "filter: meta.created is compared with a string, expected a date and time in double quotes, such as 2011-05-13T04:42:34Z",
  ],
  [
    "meta.created gt 5",
    "filter: meta.created is compared with a number, expected a date and time in double quotes, such as 2011-05-13T04:42:34Z",
  ],
  ['userName[value eq "x"]', "filter: userName has no sub-attributes to filter on"],
  ['emails[nope eq "x"]', "filter: nope is no sub-attribute of emails"],
  ['schemas[type eq "x"]', "filter: type is no sub-attribute of schemas"],
  ['emails[type pr].nope eq "x"', "filter: nope is no sub-attribute of emails"],
])("%s is refused", (text, detail) => {
  expect(detailOf(text)).toBe(detail);
});

describe("lenient reading only:", () => {
  test.each([
    ["userName eq Bob", 'userName eq "bob"'],
    ["meta.resourceType eq User", 'meta.resourceType eq "User"'],
    ["meta.created gt 2015-10-10T14:38:21Z", 'meta.created gt "2015-10-10T14:38:21.000000000Z"'],
    ["active eq True", "active eq true"],
    ['active eq "FALSE"', "active eq false"],
    ['emails[primary eq "True"]', "emails[primary eq true]"],
    [`${enterprise}:manager eq "X"`, `${enterprise}:manager.value eq "X"`],
  ])("%s", (text, expected) => {
    expect(show(resolve(text))).toBe(expected);
    expect(() => resolve(text, { strict: true })).toThrow(ScimError);
  });
});

test("extension attributes without URN are found where that is switched on", () => {
  const options = { unqualifiedExtensionNames: true };
  expect(show(resolve('manager eq "X"', options))).toBe(`${enterprise}:manager.value eq "X"`);
  expect(detailOf("nope pr", options)).toBe("filter: nope is no attribute of User");
});

test("which operator goes with which type", () => {
  const literals: Readonly<Record<string, string>> = {
    boolean: "true",
    decimal: "1.5",
    integer: "1",
    dateTime: '"2011-05-13T04:42:34Z"',
  };
  const operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
  const allowed = Object.fromEntries(
    simple.map((name) => [
      name,
      operators
        .filter((operator) => {
          try {
            resolve(`urn:example:x:a-${name} ${operator} ${literals[name] ?? '"x"'}`);
            return true;
          } catch {
            return false;
          }
        })
        .join(" "),
    ]),
  );
  expect(allowed).toEqual({
    string: "eq ne co sw ew gt ge lt le",
    reference: "eq ne co sw ew gt ge lt le",
    binary: "eq ne co sw ew",
    boolean: "eq ne",
    integer: "eq ne gt ge lt le",
    decimal: "eq ne gt ge lt le",
    dateTime: "eq ne gt ge lt le",
  });
});

describe("the filter of a value path alone", () => {
  const emails: Attribute | undefined = userResourceType.schema.attributes.find(
    ({ name }) => name === "emails",
  );
  const resolution = { strict: true, unqualifiedExtensionNames: false };

  test("resolves against the sub-attributes", () => {
    const filter = parseValueFilter('type eq "Work"', { strict: true, schemaUris });
    const resolved = emails && resolveValueFilter(filter, emails, resolution);
    expect(resolved && show(resolved)).toBe('type eq "work"');
  });

  test("refuses paths that are no name, which only a tree made by hand has", () => {
    for (const text of ["emails.type pr", "urn:a:type pr", `${enterprise} pr`]) {
      const filter = parseFilter(text, { strict: true, schemaUris });
      expect(() => emails && resolveValueFilter(filter, emails, resolution)).toThrow(
        /is no sub-attribute of emails/,
      );
    }
  });

  test("refuses a value path in a value path", () => {
    const filter = parseFilter("type[value pr]", { strict: true, schemaUris });
    expect(() => emails && resolveValueFilter(filter, emails, resolution)).toThrow(
      "filter: type has no sub-attributes to filter on",
    );
  });
});
