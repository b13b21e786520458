/** Discovery: ServiceProviderConfig, ResourceTypes, Schemas (RFC 7644 §4, RFC 7643 §5 to §7). */
import { memberAt } from "../../target.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat, listed, shown } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const authentikFallback =
  "Authentik cannot read what the server can do and falls back to no PATCH and no filters";
const governance =
  "governance tools such as SailPoint and midPoint cannot read the server's model and refuse the connection";
const flags = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
const numbers = ["bulk.maxOperations", "bulk.maxPayloadSize", "filter.maxResults"];

/** The requirements. */
export const discoveryRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §4" },
  [
    [
      "DISC-01",
      "MUST",
      "GET /ServiceProviderConfig is one object with its own schema",
      authentikFallback,
      async ({ get }) => {
        const answer = await get("/ServiceProviderConfig");
        expectStatus(answer, 200);
        expectEqual("schemas", memberAt(answer.body, "schemas"), [urn.config]);
        expectThat(memberAt(answer.body, "Resources") === undefined, "it is a list");
      },
    ],
    [
      "DISC-02",
      "MUST",
      "every feature and limit is stated, also those that are off",
      authentikFallback,
      async ({ config }) => {
        for (const flag of flags) {
          const value = memberAt(config, `${flag}.supported`);
          expectThat(typeof value === "boolean", `${flag}.supported is ${shown(value)}`);
        }
        for (const name of numbers) {
          const value = memberAt(config, name);
          expectThat(Number.isInteger(value), `${name} is ${shown(value)}, not an integer`);
        }
        const schemes = memberAt(config, "authenticationSchemes");
        expectThat(Array.isArray(schemes), `authenticationSchemes is ${shown(schemes)}`);
      },
      "RFC 7643 §5",
    ],
    [
      "DISC-03",
      "MUST",
      "each authentication scheme has type, name and description",
      authentikFallback,
      async ({ config }) => {
        const schemes = memberAt(config, "authenticationSchemes");
        expectThat(Array.isArray(schemes), `authenticationSchemes is ${shown(schemes)}`);
        for (const scheme of Array.isArray(schemes) ? schemes : []) {
          for (const name of ["type", "name", "description"]) {
            const value = memberAt(scheme, name);
            expectThat(typeof value === "string" && value !== "", `${name} is ${shown(value)}`);
          }
        }
      },
      "RFC 7643 §5",
    ],
    [
      "DISC-06",
      "MUST",
      "GET /ResourceTypes lists the types, each can be read, an unknown one is 404",
      governance,
      async ({ get }) => {
        const types = listed(await get("/ResourceTypes"));
        const names = types.map((type) => memberAt(type, "name"));
        expectThat(names.includes("User"), `the types are ${shown(names)}, without User`);
        const user = await get("/ResourceTypes/User");
        expectStatus(user, 200);
        expectEqual("name", memberAt(user.body, "name"), "User");
        expectError(await get("/ResourceTypes/NoSuchType"), 404);
      },
    ],
    [
      "DISC-07",
      "MUST",
      "a resource type has name, endpoint and schema",
      governance,
      async ({ get }) => {
        for (const type of listed(await get("/ResourceTypes"))) {
          for (const name of ["name", "endpoint", "schema"]) {
            const value = memberAt(type, name);
            expectThat(typeof value === "string" && value !== "", `${name} is ${shown(value)}`);
          }
        }
      },
      "RFC 7643 §6",
    ],
    [
      "DISC-09",
      "MUST",
      "GET /Schemas lists the schemas, each can be read, an unknown one is 404",
      governance,
      async ({ get }) => {
        const ids = listed(await get("/Schemas")).map((schema) => memberAt(schema, "id"));
        expectThat(ids.includes(urn.user), `the User schema is not among ${shown(ids)}`);
        const user = await get(`/Schemas/${urn.user}`);
        expectStatus(user, 200);
        expectEqual("id", memberAt(user.body, "id"), urn.user);
        expectError(await get("/Schemas/urn:none"), 404);
      },
    ],
    [
      "DISC-11",
      "MUST",
      "schemas of messages are not among the schemas",
      "a tool that makes forms of the schemas shows messages as resources",
      async ({ get }) => {
        const ids = listed(await get("/Schemas")).map((schema) => String(memberAt(schema, "id")));
        const messages = ids.filter((id) => id.includes(":api:messages:"));
        expectEqual("message schemas", messages, []);
      },
      "RFC 7644 §3.1",
    ],
    [
      "DISC-12",
      "DERIVED",
      "attributes of a schema have name, type, multiValued, mutability and returned",
      governance,
      async ({ get }) => {
        const { body } = await get(`/Schemas/${urn.user}`);
        const attributes = memberAt(body, "attributes");
        expectThat(Array.isArray(attributes), `attributes is ${shown(attributes)}`);
        for (const attribute of Array.isArray(attributes) ? attributes : []) {
          for (const name of ["name", "type", "mutability", "returned"]) {
            const value = memberAt(attribute, name);
            expectThat(
              typeof value === "string",
              `${memberAt(attribute, "name")}: ${name} is ${shown(value)}`,
            );
          }
        }
      },
      "RFC 7643 §7",
    ],
    [
      "DISC-13",
      "MUST",
      "paging parameters are ignored on discovery endpoints",
      "a client that always sends count sees part of the schemas",
      async ({ get }) => {
        const all = listed(await get("/Schemas")).length;
        expectEqual("schemas with count=1", listed(await get("/Schemas?count=1")).length, all);
      },
    ],
    [
      "DISC-14",
      "SHOULD",
      "a filter on discovery endpoints is refused by 403",
      "none of the known clients minds",
      async ({ get }) =>
        expectError(await get(`/Schemas?filter=${encodeURIComponent(`id eq "${urn.user}"`)}`), 403),
    ],
    [
      "DISC-15",
      "DERIVED",
      "discovery endpoints are read-only: POST is 405",
      "Okta's test suite of 2016, which is still in use, fails",
      async ({ send }) => {
        for (const path of ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"]) {
          expectError(await send("POST", path, { body: {} }), 405);
        }
      },
    ],
    [
      "DISC-16",
      "MUST",
      "each schema and resource type has schemas of its own",
      governance,
      async ({ get }) => {
        for (const path of ["/Schemas", "/ResourceTypes"]) {
          for (const entry of listed(await get(path))) {
            const schemas = memberAt(entry, "schemas");
            expectThat(
              Array.isArray(schemas) && schemas.length > 0,
              `${path}: schemas is ${shown(schemas)}`,
            );
          }
        }
      },
      "RFC 7643 §3",
    ],
  ],
);
