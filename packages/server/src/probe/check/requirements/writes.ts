/** Creating, replacing and deleting (RFC 7644 §3.3, §3.5.1, §3.6). */
import { memberAt } from "../../target.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const creation = "RFC 7644 §3.3";
const deletion = "RFC 7644 §3.6";
const staleList = "values that were removed in the directory stay for ever";

/** The requirements. */
export const writeRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.5.1" },
  [
    [
      "POST-01",
      "MUST",
      "a creation is answered by 201",
      "Entra takes the creation for failed, and creates again",
      async ({ post, userBody }) => expectStatus(await post("/Users", userBody()), 201),
      creation,
    ],
    [
      "POST-02",
      "MUST",
      "Location is the meta.location of what was created",
      "clients that follow Location reach nothing",
      async ({ newUser }) => {
        const { answer, body } = await newUser();
        expectEqual("Location", answer.headers.get("location"), memberAt(body, "meta.location"));
      },
      creation,
    ],
    [
      "POST-03",
      "SHOULD",
      "the answer to a creation has the whole resource",
      "Okta reports that an empty user came back",
      async ({ newUser }) => {
        const { body } = await newUser({ displayName: "B" });
        for (const name of ["id", "meta", "schemas", "userName"]) {
          expectThat(memberAt(body, name) !== undefined, `${name} is missing`);
        }
        expectEqual("displayName", memberAt(body, "displayName"), "B");
      },
      creation,
    ],
    [
      "POST-04",
      "MUST",
      "readOnly attributes of a creation are ignored",
      "Okta, which always sends groups, can create nobody",
      async ({ post, userBody }) => {
        const groups = [{ value: "no-such-group" }];
        const answer = await post("/Users", userBody({ groups }));
        expectStatus(answer, 201);
        expectEqual("groups", memberAt(answer.body, "groups.0"), undefined);
      },
      creation,
    ],
    [
      "POST-05",
      "MUST",
      "somebody who is there already is 409 uniqueness",
      "Authentik, which adopts after a 409, makes a second account for everybody",
      async ({ newUser, post, userBody }) => {
        const { body } = await newUser();
        const again = userBody({ userName: memberAt(body, "userName") });
        expectError(await post("/Users", again), 409, "uniqueness");
      },
      creation,
    ],
    [
      "GET-02",
      "DERIVED",
      "an unknown id is 404 with a SCIM Error",
      "Okta's test suite fails; clients do not see that something is gone",
      async ({ get }) => expectError(await get("/Users/00919288221112222"), 404),
      "RFC 7644 §3.4.1",
    ],
    [
      "PUT-01",
      "MUST",
      "PUT is answered by 200 with the resource",
      "Okta, OneLogin and Ping cannot change anybody",
      async ({ newUser, put, userBody }) => {
        const { path, body } = await newUser();
        const userName = memberAt(body, "userName");
        const answer = await put(path, userBody({ userName, displayName: "New" }));
        expectStatus(answer, 200);
        expectEqual("displayName", memberAt(answer.body, "displayName"), "New");
      },
    ],
    [
      "PUT-02",
      "MUST",
      "PUT never creates",
      "accounts with ids of the client's come into being",
      async ({ put, userBody }) => expectError(await put("/Users/no-such-user", userBody()), 404),
    ],
    [
      "PUT-03",
      "MUST",
      "a list in PUT replaces the whole list",
      staleList,
      async ({ newUser, put, get, userBody }) => {
        const { path, body } = await newUser({
          emails: [{ value: "a@example.com", type: "work" }],
        });
        const emails = [{ value: "c@example.com", type: "home" }];
        const userName = memberAt(body, "userName");
        expectStatus(await put(path, userBody({ userName, emails })), 200);
        const read = await get(path);
        expectEqual("emails.0.value", memberAt(read.body, "emails.0.value"), "c@example.com");
        expectEqual("emails.1", memberAt(read.body, "emails.1"), undefined);
      },
    ],
    [
      "PUT-05",
      "DERIVED",
      "null and [] in PUT clear",
      staleList,
      async ({ newUser, put, get, userBody }) => {
        const { path, body } = await newUser({
          nickName: "N",
          emails: [{ value: "a@example.com", type: "work" }],
        });
        const cleared = { userName: memberAt(body, "userName"), nickName: null, emails: [] };
        expectStatus(await put(path, userBody(cleared)), 200);
        const read = await get(path);
        expectThat((memberAt(read.body, "nickName") ?? null) === null, "nickName is still there");
        expectEqual("emails.0", memberAt(read.body, "emails.0"), undefined);
      },
    ],
    [
      "PUT-06",
      "MUST",
      "readOnly attributes of PUT are ignored, also when they differ",
      "Okta, which echoes id, meta and groups, cannot change anybody",
      async ({ newUser, put, userBody }) => {
        const { path, body, id } = await newUser();
        const echoed = { id: "other", meta: { created: "1999-01-01T00:00:00Z" }, groups: [] };
        const userName = memberAt(body, "userName");
        const answer = await put(path, userBody({ userName, ...echoed }));
        expectStatus(answer, 200);
        expectEqual("id", memberAt(answer.body, "id"), id);
        expectEqual(
          "created",
          memberAt(answer.body, "meta.created"),
          memberAt(body, "meta.created"),
        );
      },
    ],
    [
      "PUT-09",
      "MUST",
      "PUT without a required attribute is 400",
      "a client with a mistake empties accounts",
      async ({ newUser, put }) => {
        const { path } = await newUser();
        expectError(await put(path, { schemas: [urn.user], displayName: "x" }), 400);
      },
    ],
    [
      "PUT-11",
      "DERIVED",
      "PUT of a userName that is taken is 409; one's own in another case is none",
      "two accounts have one name, and logins meet the wrong one",
      async ({ newUser, put, userBody }) => {
        const first = await newUser();
        const second = await newUser();
        const userName = memberAt(first.body, "userName");
        expectError(await put(second.path, userBody({ userName })), 409);
        const own = String(memberAt(second.body, "userName")).toUpperCase();
        expectStatus(await put(second.path, userBody({ userName: own })), 200);
      },
    ],
    [
      "PUT-17",
      "MUST",
      "excludedAttributes applies to the answer of PUT",
      "clients that ask for less get everything",
      async ({ newUser, put, userBody }) => {
        const { path, body } = await newUser();
        const changed = userBody({ userName: memberAt(body, "userName"), displayName: "B" });
        const answer = await put(`${path}?excludedAttributes=displayName`, changed);
        expectStatus(answer, 200);
        expectEqual("displayName", memberAt(answer.body, "displayName"), undefined);
      },
      "RFC 7644 §3.9",
    ],
    [
      "DEL-01",
      "MUST",
      "DELETE is answered by 204 without a body",
      "Entra takes the deletion for failed, and repeats it",
      async ({ newUser, delete: remove }) => {
        const answer = await remove((await newUser()).path);
        expectStatus(answer, 204);
        expectEqual("the body", answer.text, "");
      },
      deletion,
    ],
    [
      "DEL-02",
      "MUST",
      "what was deleted is 404 for every request",
      "Microsoft's validator fails; clients do not see that something is gone",
      async ({ newUser, delete: remove, get, put, userBody }) => {
        const { path } = await newUser();
        await remove(path);
        expectError(await get(path), 404);
        expectError(await put(path, userBody()), 404);
        expectError(await remove(path), 404);
      },
      deletion,
    ],
    [
      "DEL-03",
      "MUST",
      "what was deleted is in no list",
      "a client that matches by a filter links to somebody who is gone",
      async ({ newUser, delete: remove, filter }) => {
        const { path, body } = await newUser();
        await remove(path);
        const answer = await filter("/Users", `userName eq "${memberAt(body, "userName")}"`);
        expectEqual("totalResults", memberAt(answer.body, "totalResults"), 0);
      },
      deletion,
    ],
    [
      "DEL-04",
      "SHOULD",
      "the name of somebody deleted is free again",
      "somebody who comes back cannot be created",
      async ({ newUser, delete: remove, post, userBody }) => {
        const { path, body } = await newUser();
        await remove(path);
        const again = userBody({ userName: memberAt(body, "userName") });
        expectStatus(await post("/Users", again), 201);
      },
      deletion,
    ],
  ],
);
