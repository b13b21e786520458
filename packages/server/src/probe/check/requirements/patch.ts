/** PATCH of users (RFC 7644 §3.5.2), in the dialects of clients too. */
import { memberAt } from "../../target.ts";
import type { Attributes, CheckSite } from "../check-site.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat } from "../expect.ts";
import type { Requirement, RequirementRow } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const work = { value: "w@example.com", type: "work" };
const home = { value: "h@example.com", type: "home" };
const adding = "RFC 7644 §3.5.2.1";
const removing = "RFC 7644 §3.5.2.2";
const replacing = "RFC 7644 §3.5.2.3";
const wrongValue = "the account has another value than the directory, and no sync repairs it";
const silent = "the change is lost, and nobody is told";
const entraModern = "Entra with its flag cannot change anybody";
const entraLegacy = "Entra without its flag cannot change anybody";

/** A PATCH that has to succeed: what is there before, the operations, and what has to be there afterwards. */
type PatchCase = readonly [
  id: string,
  level: Requirement["level"],
  title: string,
  consequence: string,
  section: string,
  before: Attributes,
  operations: readonly unknown[],
  after: Readonly<Record<string, unknown>>,
];

const cases: readonly PatchCase[] = [
  [
    "PATCH-05",
    "INTEROP",
    "op is read in any case",
    entraLegacy,
    "RFC 7644 §3.5.2",
    { title: "A" },
    [{ op: "Replace", path: "title", value: "B" }],
    { title: "B" },
  ],
  [
    "PATCH-06",
    "CHOICE",
    "unknown members of an operation are ignored",
    "Microsoft's collection fails",
    "RFC 7644 §3.5.2",
    {},
    [{ name: "x", op: "add", path: "title", value: "B" }],
    { title: "B" },
  ],
  [
    "PATCH-07",
    "DERIVED",
    "operations are applied in order",
    wrongValue,
    "RFC 7644 §3.5.2",
    {},
    [
      { op: "add", path: "title", value: "A" },
      { op: "replace", path: "title", value: "B" },
    ],
    { title: "B" },
  ],
  [
    "PATCH-26",
    "DERIVED",
    "names in paths are read in any case",
    wrongValue,
    "RFC 7644 §3.5.2",
    { name: { givenName: "A" } },
    [{ op: "replace", path: "NAME.GIVENNAME", value: "B" }],
    { "name.givenName": "B" },
  ],
  [
    "PATCH-30",
    "DERIVED",
    "an attribute of an extension is added by its full name, and schemas names the extension",
    "department and employee number, which Entra maps, never arrive",
    adding,
    {},
    [{ op: "add", path: `${urn.enterprise}:department`, value: "Sales" }],
    { schemas: [urn.user, urn.enterprise] },
  ],
  [
    "PATCH-41",
    "DERIVED",
    "add without a path adds what the value has",
    entraModern,
    adding,
    { emails: [work] },
    [{ op: "add", value: { nickName: "B" } }],
    { nickName: "B", "emails.0.value": work.value },
  ],
  [
    "PATCH-42",
    "DERIVED",
    "add sets or replaces a single value",
    wrongValue,
    adding,
    { title: "A" },
    [{ op: "add", path: "title", value: "B" }],
    { title: "B" },
  ],
  [
    "PATCH-45",
    "DERIVED",
    "add to a complex attribute keeps what is not named",
    wrongValue,
    adding,
    { name: { familyName: "F" } },
    [{ op: "add", path: "name", value: { givenName: "G" } }],
    { "name.familyName": "F", "name.givenName": "G" },
  ],
  [
    "PATCH-48",
    "INTEROP",
    "add with a filter that matches nothing makes the value",
    "Entra cannot give anybody an e-mail who has none",
    adding,
    {},
    [{ op: "add", path: 'emails[type eq "work"].value', value: "n@example.com" }],
    { "emails.0.value": "n@example.com", "emails.0.type": "work" },
  ],
  [
    "PATCH-61",
    "MUST",
    "remove takes a single value away",
    wrongValue,
    removing,
    { nickName: "N" },
    [{ op: "remove", path: "nickName" }],
    { nickName: undefined },
  ],
  [
    "PATCH-62",
    "MUST",
    "remove without a filter takes all values away",
    wrongValue,
    removing,
    { emails: [work, home] },
    [{ op: "remove", path: "emails" }],
    { "emails.0": undefined },
  ],
  [
    "PATCH-64",
    "DERIVED",
    "remove of a sub-attribute keeps the rest of the value",
    wrongValue,
    removing,
    { addresses: [{ type: "work", region: "R", locality: "L" }] },
    [{ op: "remove", path: 'addresses[type eq "work"].region' }],
    { "addresses.0.locality": "L", "addresses.0.region": undefined },
  ],
  [
    "PATCH-66",
    "CHOICE",
    "remove with a filter that matches nothing succeeds",
    "clients that repeat themselves report failures without end",
    removing,
    { emails: [work] },
    [{ op: "remove", path: 'emails[type eq "fax"]' }],
    { "emails.0.value": work.value },
  ],
  [
    "PATCH-80",
    "MUST",
    "replace without a path replaces what the value has, and nothing else",
    "Okta cannot deactivate anybody",
    replacing,
    { title: "T" },
    [{ op: "replace", value: { active: false } }],
    { active: false, title: "T" },
  ],
  [
    "PATCH-81",
    "DERIVED",
    "replace with a path replaces that",
    entraLegacy,
    replacing,
    { displayName: "A" },
    [{ op: "replace", path: "displayName", value: "B" }],
    { displayName: "B" },
  ],
  [
    "PATCH-83",
    "MUST",
    "replace of what has no value adds it",
    "every first value of an attribute is refused",
    replacing,
    {},
    [{ op: "replace", path: "nickName", value: "N" }],
    { nickName: "N" },
  ],
  [
    "PATCH-84",
    "MUST",
    "replace of a complex attribute keeps what is not named",
    wrongValue,
    replacing,
    { name: { familyName: "F", givenName: "A" } },
    [{ op: "replace", path: "name", value: { givenName: "G" } }],
    { "name.familyName": "F", "name.givenName": "G" },
  ],
  [
    "PATCH-86",
    "MUST",
    "replace with a filter changes what matches, and only that",
    "Entra changes the wrong e-mail",
    replacing,
    { emails: [work, home] },
    [{ op: "replace", path: 'emails[type eq "work"].value', value: "n@example.com" }],
    { "emails.0.value": "n@example.com", "emails.1.value": home.value },
  ],
  [
    "ENT-08",
    "INTEROP",
    "keys with dots and URNs in a value are paths",
    entraModern,
    replacing,
    { name: { familyName: "F" } },
    [{ op: "replace", value: { "name.givenName": "G", displayName: "D" } }],
    { "name.givenName": "G", "name.familyName": "F", displayName: "D" },
  ],
  [
    "TYPE-03",
    "INTEROP",
    'active as the string "False" deactivates',
    "Entra without its flag cannot deactivate anybody: people who left keep their access",
    replacing,
    {},
    [{ op: "Replace", path: "active", value: "False" }],
    { active: false },
  ],
];

/** PATCHes that have to be refused, each of which must change nothing. */
type RefusedCase = readonly [
  id: string,
  level: Requirement["level"],
  title: string,
  section: string,
  scimType: string | undefined,
  operations: readonly unknown[],
  consequence?: string,
];

const refused: readonly RefusedCase[] = [
  [
    "PATCH-04",
    "MUST",
    "an unknown op is 400",
    "RFC 7644 §3.5.2",
    undefined,
    [{ op: "move", path: "title", value: "x" }],
  ],
  [
    "PATCH-08",
    "MUST",
    "when one operation fails none is applied",
    "RFC 7644 §3.5.2",
    undefined,
    [
      { op: "replace", path: "title", value: "x" },
      { op: "move", path: "title" },
    ],
  ],
  [
    "PATCH-21",
    "DERIVED",
    "a malformed path is 400",
    "RFC 7644 §3.12",
    undefined,
    [{ op: "replace", path: "emails[", value: "x" }],
  ],
  [
    "PATCH-40",
    "MUST",
    "add without a value is 400",
    adding,
    undefined,
    [{ op: "add", path: "title" }],
  ],
  [
    "PATCH-60",
    "MUST",
    "remove without a path is 400 noTarget",
    removing,
    "noTarget",
    [{ op: "remove" }],
  ],
  [
    "PATCH-65",
    "MUST",
    "a required attribute cannot be removed: 400 mutability",
    removing,
    "mutability",
    [{ op: "remove", path: "userName" }],
  ],
  [
    "PATCH-87",
    "MUST",
    "replace with a filter that matches nothing is 400 noTarget",
    replacing,
    "noTarget",
    [{ op: "replace", path: 'phoneNumbers[type eq "fax"].value', value: "1" }],
    "a client cannot tell that its value was not there; Entra wants the value to be made instead",
  ],
  [
    "PATCH-88",
    "MUST",
    "a readOnly attribute cannot be replaced: 400 mutability",
    replacing,
    "mutability",
    [{ op: "replace", path: "meta.created", value: "2001-01-01T00:00:00Z" }],
  ],
  [
    "PATCH-90",
    "DERIVED",
    "a value of the wrong type is 400",
    replacing,
    undefined,
    [{ op: "replace", path: "active", value: "maybe" }],
  ],
];

/** The requirements. */
export const patchRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.5.2", needs: "patch" },
  [
    ...cases.map(
      ([id, level, title, consequence, section, before, operations, after]): RequirementRow => [
        id,
        level,
        title,
        consequence,
        (site) => expectPatched(site, before, operations, after),
        section,
      ],
    ),
    ...refused.map(
      ([id, level, title, section, scimType, operations, then = silent]): RequirementRow => [
        id,
        level,
        title,
        then,
        (site) => expectRefused(site, operations, scimType),
        section,
      ],
    ),
    [
      "PATCH-02",
      "MUST",
      "a PATCH without the PatchOp schema is 400",
      "none of the known clients minds, and Authentik leaves it out",
      async ({ newUser, send }) => {
        const { path } = await newUser();
        const body = { Operations: [{ op: "add", path: "title", value: "x" }] };
        expectError(await send("PATCH", path, { body }), 400);
      },
    ],
    [
      "PATCH-09",
      "MUST",
      "success is 200 with the resource, or 204 with nothing",
      "Okta and Authentik fail to read the answer",
      async ({ newUser, patch }) => {
        const { path } = await newUser();
        const answer = await patch(path, [{ op: "add", path: "title", value: "T" }]);
        expectStatus(answer, 200, 204);
        if (answer.status === 200) {
          expectEqual("title", memberAt(answer.body, "title"), "T");
        } else {
          expectEqual("the body", answer.text, "");
        }
      },
    ],
    [
      "PATCH-11",
      "DERIVED",
      "PATCH of an unknown resource is 404",
      "Authentik does not create again what is gone",
      async ({ patch }) =>
        expectError(await patch("/Users/no-such-user", [{ op: "remove", path: "title" }]), 404),
    ],
    [
      "PATCH-13",
      "CHOICE",
      "a rename to a name that is taken is 409",
      "two accounts have one name, and logins meet the wrong one",
      async ({ newUser, patch }) => {
        const first = await newUser();
        const second = await newUser();
        const value = memberAt(first.body, "userName");
        const renamed = [{ op: "replace", path: "userName", value }];
        expectError(await patch(second.path, renamed), 409);
      },
    ],
    [
      "PROJ-13",
      "MUST",
      "PATCH with attributes= is answered by 200 with a body",
      "clients that ask for values get none",
      async ({ newUser, patch }) => {
        const { path } = await newUser();
        const titled = [{ op: "add", path: "title", value: "T" }];
        const answer = await patch(`${path}?attributes=userName`, titled);
        expectStatus(answer, 200);
        expectEqual("title", memberAt(answer.body, "title"), undefined);
      },
    ],
  ],
);

async function expectPatched(
  { newUser, patch, get }: CheckSite,
  before: Attributes,
  operations: readonly unknown[],
  after: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { path } = await newUser(before);
  expectStatus(await patch(path, operations), 200, 204);
  const { body } = await get(path);
  for (const [name, value] of Object.entries(after)) {
    expectEqual(name, memberAt(body, name), value);
  }
}

async function expectRefused(
  { newUser, patch, get }: CheckSite,
  operations: readonly unknown[],
  scimType: string | undefined,
): Promise<void> {
  const { path, body } = await newUser({ title: "before" });
  expectError(await patch(path, operations), 400, scimType);
  const after = await get(path);
  for (const name of ["title", "userName", "meta.created", "active", "phoneNumbers"]) {
    expectEqual(`${name} after the refusal`, memberAt(after.body, name), memberAt(body, name));
  }
  expectThat(after.status === 200, "the user is gone");
}
