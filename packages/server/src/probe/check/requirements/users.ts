/** Users and their attributes (RFC 7643 §2, §4.1, §4.3). */
import { memberAt } from "../../target.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const doubled =
  "a re-created connector makes a second account for everybody whose name differs in case";

/** The requirements. */
export const userRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7643 §4.1.1" },
  [
    [
      "USER-01",
      "MUST",
      "userName is required and not empty",
      "accounts come into being that nobody can be matched with",
      async ({ post }) => {
        expectError(await post("/Users", { schemas: [urn.user], displayName: "x" }), 400);
        expectError(await post("/Users", { schemas: [urn.user], userName: "" }), 400);
      },
    ],
    [
      "USER-02",
      "MUST",
      "userName is unique, whatever the case: 409 uniqueness",
      `${doubled}; Okta's and Microsoft's tests fail`,
      async ({ newUser, post, userBody, unique }) => {
        const userName = unique("Bob");
        await newUser({ userName });
        expectError(await post("/Users", userBody({ userName })), 409, "uniqueness");
        const upper = userName.toUpperCase();
        expectError(await post("/Users", userBody({ userName: upper })), 409, "uniqueness");
      },
    ],
    [
      "USER-03",
      "DERIVED",
      "userName is found in any case, and keeps the case it was given",
      `${doubled}; Okta's test suite fails`,
      async ({ newUser, filter, unique }) => {
        const userName = `Mixed.${unique("Case")}`;
        await newUser({ userName });
        const answer = await filter("/Users", `userName eq "${userName.toUpperCase()}"`);
        expectEqual("userName", memberAt(answer.body, "Resources.0.userName"), userName);
      },
    ],
    [
      "USER-05",
      "DERIVED",
      "the singular attributes come back as they were sent",
      "attributes that are mapped never arrive, and are sent with every sync",
      async ({ newUser, get }) => {
        const attributes = {
          displayName: "Bob",
          nickName: "B",
          title: "Planner",
          userType: "Employee",
          preferredLanguage: "en",
          locale: "en-US",
          timezone: "America/Los_Angeles",
          active: true,
        };
        const { path } = await newUser(attributes);
        const { body } = await get(path);
        for (const [name, value] of Object.entries(attributes)) {
          expectEqual(name, memberAt(body, name), value);
        }
      },
    ],
    [
      "USER-06",
      "DERIVED",
      "the multi-valued attributes come back as they were sent",
      "attributes that are mapped never arrive, and are sent with every sync",
      async ({ newUser, get }) => {
        const attributes = {
          emails: [{ value: "a@example.com", type: "work" }],
          phoneNumbers: [{ value: "555-0100", type: "mobile" }],
          addresses: [{ locality: "Town", type: "work" }],
          roles: [{ value: "reader" }],
        };
        const { path } = await newUser(attributes);
        const { body } = await get(path);
        for (const [name, [value]] of Object.entries(attributes)) {
          for (const [part, text] of Object.entries(value ?? {})) {
            expectEqual(`${name}.${part}`, memberAt(body, `${name}.0.${part}`), text);
          }
        }
      },
      "RFC 7643 §4.1.2",
    ],
    [
      "USER-16",
      "CHOICE",
      "active is true when it is not sent, and is returned",
      "Okta's test suite fails, since it reads active",
      async ({ newUser }) => {
        const { body } = await newUser();
        expectEqual("active", memberAt(body, "active"), true);
      },
    ],
    [
      "USER-24",
      "INTEROP",
      "somebody deactivated is still read and found",
      "Okta and Entra cannot activate them again: POST is 409, the filter finds nothing, without end",
      async ({ newUser, put, get, filter, userBody }) => {
        const { path, body } = await newUser();
        const userName = memberAt(body, "userName");
        expectStatus(await put(path, userBody({ userName, active: false })), 200);
        expectEqual("active", memberAt((await get(path)).body, "active"), false);
        const found = await filter("/Users", `userName eq "${userName}"`);
        expectEqual("totalResults", memberAt(found.body, "totalResults"), 1);
      },
    ],
    [
      "NAME-01",
      "DERIVED",
      "names of attributes are read in any case",
      "Microsoft's collection, which sends UserName and Active, fails",
      async ({ post, unique }) => {
        const userName = unique();
        const body = { schemas: [urn.user], USERNAME: userName, NAME: { GIVENNAME: "B" } };
        const answer = await post("/Users", body);
        expectStatus(answer, 201);
        expectEqual("userName", memberAt(answer.body, "userName"), userName);
        expectEqual("name.givenName", memberAt(answer.body, "name.givenName"), "B");
      },
      "RFC 7643 §2.1",
    ],
    [
      "NAME-11",
      "CHOICE",
      "unknown attributes are ignored and not stored",
      "clients with an attribute too many can create nobody",
      async ({ post, userBody }) => {
        const answer = await post("/Users", userBody({ addresss: "x" }));
        expectStatus(answer, 201);
        expectEqual("addresss", memberAt(answer.body, "addresss"), undefined);
      },
      "RFC 7644 §3.10",
    ],
    [
      "TYPE-01",
      "DERIVED",
      "a value of the wrong type is 400",
      "broken values are stored, and break the next client that reads them",
      async ({ post, userBody }) => {
        expectError(await post("/Users", userBody({ name: "x" })), 400);
        expectError(await post("/Users", userBody({ userName: { a: 1 } })), 400);
      },
      "RFC 7643 §2.3",
    ],
    [
      "TYPE-02",
      "DERIVED",
      "booleans are returned as booleans",
      "Microsoft's validator fails, and typed clients cannot read the answer",
      async ({ newUser }) => {
        const { body } = await newUser({ active: false });
        expectEqual("active", memberAt(body, "active"), false);
      },
      "RFC 7643 §2.3.2",
    ],
    [
      "TYPE-03",
      "INTEROP",
      'the strings "True" and "False" are taken for booleans',
      "Entra without its flag cannot deactivate anybody",
      async ({ post, userBody }) => {
        const answer = await post("/Users", userBody({ active: "False" }));
        expectStatus(answer, 201);
        expectEqual("active", memberAt(answer.body, "active"), false);
      },
      "RFC 7643 §2.3.2",
    ],
    [
      "NULL-01",
      "MUST",
      "null and [] are the same as nothing",
      "Entra without its flag, which sends nulls, can create nobody",
      async ({ post, userBody }) => {
        const answer = await post("/Users", userBody({ nickName: null, emails: [] }));
        expectStatus(answer, 201);
        const nickName = memberAt(answer.body, "nickName");
        expectThat(nickName === undefined || nickName === null, "nickName has a value");
      },
      "RFC 7643 §2.5",
    ],
    [
      "PWD-01",
      "MUST",
      "a password is never returned",
      "everybody who reads users reads passwords",
      async ({ newUser, get }) => {
        const password = "Check-9!secret";
        const { path, answer } = await newUser({ password });
        const read = await get(path);
        const asked = await get(`${path}?attributes=password,userName`);
        for (const { text } of [answer, read, asked]) {
          expectThat(!text.includes(password), "the password is in the answer");
        }
      },
    ],
    [
      "ENT-01",
      "DERIVED",
      "the enterprise extension comes back as it was sent",
      "department and employee number, which Entra and Okta map, never arrive",
      async ({ newUser, get }) => {
        const { path } = await newUser({
          schemas: [urn.user, urn.enterprise],
          [urn.enterprise]: { department: "Sales", employeeNumber: "7" },
        });
        const { body } = await get(path);
        const extension = new Map<string, unknown>(Object.entries(Object(body))).get(
          urn.enterprise,
        );
        expectEqual("department", memberAt(extension, "department"), "Sales");
        expectEqual("employeeNumber", memberAt(extension, "employeeNumber"), "7");
      },
      "RFC 7643 §4.3",
    ],
  ],
);
