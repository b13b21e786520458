/** What every resource has: schemas, id, externalId, meta (RFC 7643 §3). */
import { memberAt } from "../../target.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat, listed, shown } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const lostLink = "the client cannot keep the link between its object and the resource";
const dateTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The requirements. */
export const resourceRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7643 §3.1" },
  [
    [
      "RES-01",
      "MUST",
      "every representation has schemas, also in lists and with attributes=",
      "typed clients cannot read the answer",
      async ({ newUser, get }) => {
        const { path } = await newUser();
        const answers = [await get(path), await get(`${path}?attributes=userName`)];
        for (const { body } of answers) {
          const schemas = memberAt(body, "schemas");
          expectThat(Array.isArray(schemas) && schemas.length > 0, `schemas is ${shown(schemas)}`);
        }
        for (const one of listed(await get("/Users?count=3"))) {
          expectThat(
            Array.isArray(memberAt(one, "schemas")),
            "an element of the list has no schemas",
          );
        }
      },
      "RFC 7643 §3",
    ],
    [
      "RES-03",
      "MUST",
      "schemas names schemas of the resource type only",
      "typed clients cannot read the answer",
      async ({ post, userBody }) => {
        const answer = await post("/Users", userBody({ schemas: [urn.user, "urn:none:User"] }));
        expectStatus(answer, 201, 400);
        const schemas = memberAt(answer.body, "schemas");
        expectThat(
          !(Array.isArray(schemas) && schemas.includes("urn:none:User")),
          "an unknown schema is echoed",
        );
      },
      "RFC 7643 §3",
    ],
    [
      "RES-06",
      "MUST",
      "a body without schemas is 400",
      "none of the known clients minds, and some leave schemas out",
      async ({ post, unique }) => expectError(await post("/Users", { userName: unique() }), 400),
      "RFC 7643 §3",
    ],
    [
      "RES-10",
      "MUST",
      "the server gives an id",
      lostLink,
      async ({ newUser }) => {
        const { id } = await newUser();
        expectThat(id !== "", "id is empty");
      },
    ],
    [
      "RES-11",
      "MUST",
      "an id is one of one type only",
      "a group can be taken for a person",
      async ({ newUser, get }) => {
        const { id } = await newUser();
        expectError(await get(`/Groups/${encodeURIComponent(id)}`), 404);
      },
    ],
    [
      "RES-13",
      "MUST",
      "an id that the client sends is ignored",
      "Okta, which echoes ids, cannot create, or chooses ids of the server",
      async ({ newUser }) => {
        const { id } = await newUser({ id: "mine" });
        expectThat(id !== "mine", "the id of the client was taken");
      },
    ],
    [
      "RES-16",
      "MUST",
      "the server does not make up an externalId",
      "Pocket ID and Entra take the resource for one of somebody else",
      async ({ newUser }) => {
        const { body } = await newUser();
        expectEqual("externalId", memberAt(body, "externalId"), undefined);
      },
    ],
    [
      "RES-18",
      "MUST",
      "externalId is compared exactly",
      "Okta, whose ids differ in case, links the wrong person",
      async ({ newUser, filter, unique }) => {
        const externalId = `Ab-${unique()}`;
        await newUser({ externalId });
        const answer = await filter("/Users", `externalId eq "${externalId.toLowerCase()}"`);
        expectEqual("totalResults", memberAt(answer.body, "totalResults"), 0);
      },
    ],
    [
      "RES-20",
      "MUST",
      "groups have an externalId, and are found by it",
      "Entra creates groups again that it has lost",
      async ({ newGroup, filter, unique }) => {
        const externalId = unique("ext");
        const { id } = await newGroup({ externalId });
        const found = listed(await filter("/Groups", `externalId eq "${externalId}"`));
        expectEqual(
          "ids",
          found.map((one) => memberAt(one, "id")),
          [id],
        );
      },
    ],
    [
      "RES-21",
      "MUST",
      "meta that the client sends is ignored",
      "Okta, which echoes meta, sets times of the server",
      async ({ newUser }) => {
        const { body } = await newUser({ meta: { created: "1999-01-01T00:00:00Z" } });
        expectThat(
          !String(memberAt(body, "meta.created")).startsWith("1999"),
          "meta.created of the client was taken",
        );
      },
    ],
    [
      "RES-22",
      "MUST",
      "meta has resourceType, created, lastModified and location",
      "clients that sync by lastModified, such as Pocket ID, send everything each time",
      async ({ newUser }) => {
        const { body } = await newUser();
        expectEqual("meta.resourceType", memberAt(body, "meta.resourceType"), "User");
        for (const name of ["created", "lastModified"]) {
          const value = String(memberAt(body, `meta.${name}`));
          expectThat(dateTimePattern.test(value), `meta.${name} is ${value}`);
        }
        expectThat(typeof memberAt(body, "meta.location") === "string", "meta.location is missing");
      },
    ],
    [
      "RES-24",
      "MUST",
      "created never changes, lastModified does",
      "clients that sync by lastModified overwrite newer values, or never send them",
      async ({ newUser, put, userBody }) => {
        const { path, body } = await newUser();
        const answer = await put(
          path,
          userBody({ userName: memberAt(body, "userName"), displayName: "Changed" }),
        );
        expectStatus(answer, 200);
        expectEqual(
          "meta.created",
          memberAt(answer.body, "meta.created"),
          memberAt(body, "meta.created"),
        );
        const before = Date.parse(String(memberAt(body, "meta.lastModified")));
        const after = Date.parse(String(memberAt(answer.body, "meta.lastModified")));
        expectThat(after >= before, "meta.lastModified went back");
      },
    ],
    [
      "VER-05",
      "CHOICE",
      "meta.location can be read",
      "a client that follows it reaches nothing",
      async ({ newUser, get, baseUrl }) => {
        const { body, id } = await newUser();
        const location = String(memberAt(body, "meta.location"));
        const end = /\/Users\/[^/]+$/.exec(location)?.[0];
        expectThat(end !== undefined, `meta.location is ${location}`);
        const isOwn = location.startsWith(baseUrl);
        const answer = await get(isOwn ? location.slice(baseUrl.length) : (end ?? ""));
        expectEqual("id", memberAt(answer.body, "id"), id);
      },
      "RFC 7644 §3.13",
    ],
  ],
);
