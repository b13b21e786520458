/** Messages over HTTP: media types, errors, authentication (RFC 7644 §2, §3.8, §3.12). */
import { memberAt } from "../../target.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const anyClient = "clients that follow the RFC cannot talk to the server";
const unreadableError = "the administrator sees no reason, only that provisioning failed";
const oktaStep20 = "Okta's required test suite fails";

/** The requirements. */
export const messageRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.8" },
  [
    [
      "HTTP-01",
      "MUST",
      "text of any script comes back as it was sent",
      "names are stored wrongly, and every sync sends them again",
      async ({ newUser, get }) => {
        const displayName = "Zoë 漢字 🎉";
        const { path } = await newUser({ displayName });
        expectEqual("displayName", memberAt((await get(path)).body, "displayName"), displayName);
      },
    ],
    [
      "HTTP-02",
      "MUST",
      "Accept: application/scim+json is answered by that media type",
      "Microsoft's validator and typed clients refuse the answers",
      async ({ get }) => {
        const answer = await get("/Users?count=1", { accept: "application/scim+json" });
        expectStatus(answer, 200);
        const type = answer.headers.get("content-type") ?? "";
        expectThat(type.startsWith("application/scim+json"), `Content-Type is ${type}`);
      },
    ],
    [
      "HTTP-03",
      "MUST",
      "without Accept the answer is application/scim+json",
      "Entra, whose Accept header is not documented, may get something else",
      async ({ get }) => {
        const answer = await get("/Users?count=1", { accept: undefined });
        const type = answer.headers.get("content-type") ?? "";
        expectThat(type.startsWith("application/scim+json"), `Content-Type is ${type}`);
      },
    ],
    [
      "HTTP-04",
      "SHOULD",
      "Accept: application/json is answered by JSON",
      "PingFederate and OneLogin, which send it, get nothing",
      async ({ get }) => {
        const answer = await get("/Users?count=1", { accept: "application/json" });
        expectStatus(answer, 200);
        const type = answer.headers.get("content-type") ?? "";
        expectThat(type.includes("json"), `Content-Type is ${type}`);
      },
    ],
    [
      "HTTP-07",
      "MUST",
      "Content-Type application/scim+json is taken, with a charset too",
      "Okta and Entra, which send a charset, can create nobody",
      async ({ send, userBody }) => {
        const headers = { "content-type": "application/scim+json; charset=UTF-8" };
        expectStatus(await send("POST", "/Users", { body: userBody(), headers }), 201);
      },
    ],
    [
      "HTTP-08",
      "INTEROP",
      "Content-Type application/json is taken too",
      "OneLogin, Ping and Keycloak's plugin can create nobody",
      async ({ send, userBody }) => {
        const headers = { "content-type": "application/json" };
        expectStatus(await send("POST", "/Users", { body: userBody(), headers }), 201);
      },
    ],
    [
      "HTTP-10",
      "DERIVED",
      "a body that is not JSON is 400",
      unreadableError,
      async ({ send }) =>
        expectError(await send("POST", "/Users", { body: '{"userName": tre,' }), 400),
      "RFC 7644 §3.12",
    ],
    [
      "HTTP-11",
      "DERIVED",
      "a body that is no object is 400",
      unreadableError,
      async ({ send }) => {
        for (const body of ["[]", '"x"', "5"]) {
          expectError(await send("POST", "/Users", { body }), 400);
        }
      },
      "RFC 7644 §3.12",
    ],
    [
      "HTTP-14",
      "SHOULD",
      "unknown query parameters are ignored",
      "Entra with ?aadOptscim062020 in its URL may get nothing",
      async ({ get }) => expectStatus(await get("/Users?count=1&aadOptscim062020"), 200),
      "RFC 7644 §3.4.2",
    ],
    [
      "HTTP-15",
      "DERIVED",
      "URLs are percent-decoded, also beyond ASCII",
      "people with letters beyond ASCII are never found, and created again",
      async ({ newUser, filter, unique }) => {
        const displayName = `Zoë ${unique("n")}`;
        await newUser({ displayName });
        const answer = await filter("/Users", `displayName eq "${displayName}"`);
        expectEqual("totalResults", memberAt(answer.body, "totalResults"), 1);
      },
      "RFC 7644 §3.4.2.2",
    ],
    [
      "HTTP-19",
      "DERIVED",
      "an unknown resource and an unknown endpoint are 404 with a SCIM Error",
      oktaStep20,
      async ({ get }) => {
        expectError(await get("/Users/no-such-user"), 404);
        expectError(await get("/NoSuchEndpoint"), 404);
      },
      "RFC 7644 §3.12",
    ],
    [
      "HTTP-21",
      "MUST",
      "the order of members does not matter",
      anyClient,
      async ({ post, unique }) =>
        expectStatus(await post("/Users", { userName: unique(), schemas: [urn.user] }), 201),
      "RFC 7643 §2.3.8",
    ],
    [
      "AUTH-01",
      "MUST",
      "without credentials the answer is 401 with WWW-Authenticate",
      "everybody who finds the URL can read and write",
      async ({ get }) => {
        const answer = await get("/Users?count=1", { authorization: undefined });
        expectStatus(answer, 401);
        expectThat(answer.headers.has("www-authenticate"), "there is no WWW-Authenticate");
      },
      "RFC 7644 §2",
    ],
    [
      "AUTH-02",
      "MUST",
      "a wrong token is 401 with a SCIM Error",
      "a revoked token goes on working, or Entra does not see that it is wrong",
      async ({ get }) => {
        const answer = await get("/Users?count=1", { authorization: "Bearer wrong-token" });
        expectError(answer, 401);
        expectThat(answer.headers.has("www-authenticate"), "there is no WWW-Authenticate");
      },
      "RFC 7644 §2",
    ],
    [
      "ERR-01",
      "MUST",
      "an error has the Error schema and its status as a string",
      unreadableError,
      async ({ get }) => expectError(await get("/Users/no-such-user"), 404),
      "RFC 7644 §3.12",
    ],
    [
      "ERR-03",
      "INTEROP",
      "every error has a detail",
      `${oktaStep20}; ${unreadableError}`,
      async ({ get, post }) => {
        for (const answer of [await get("/Users/no-such-user"), await post("/Users", [])]) {
          const detail = memberAt(answer.body, "detail");
          expectThat(
            typeof detail === "string" && detail.trim() !== "",
            `the ${answer.status} has no detail`,
          );
        }
      },
      "RFC 7644 §3.12",
    ],
  ],
);
