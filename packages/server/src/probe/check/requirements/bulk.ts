/** Bulk (RFC 7644 §3.7). */
import { memberAt } from "../../target.ts";
import type { CheckSite } from "../check-site.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const halfDone = "a client does not know what of its job was done";

/** The requirements. */
export const bulkRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.7", needs: "bulk" },
  [
    [
      "BULK-02",
      "MUST",
      "a job without its schema is 400",
      "none of the known clients minds",
      async (site) => expectError(await site.post("/Bulk", { Operations: [creation(site)] }), 400),
    ],
    [
      "BULK-03",
      "MUST",
      "a job is 200 with a BulkResponse, also when every operation fails",
      halfDone,
      async (site) => {
        const answer = await job(site, [creation(site, { userName: "" })]);
        expectStatus(answer, 200);
        expectEqual("schemas", memberAt(answer.body, "schemas"), [urn.bulkResponse]);
      },
    ],
    [
      "BULK-08",
      "MUST",
      "an operation is answered with method, bulkId and location",
      halfDone,
      async (site) => {
        const { body } = await job(site, [creation(site)]);
        expectEqual("method", memberAt(body, "Operations.0.method"), "POST");
        expectEqual("bulkId", memberAt(body, "Operations.0.bulkId"), "one");
        const location = String(memberAt(body, "Operations.0.location"));
        expectThat(/\/Users\/[^/]+$/.test(location), `location is ${location}`);
      },
    ],
    [
      "BULK-09",
      "MUST",
      "the status of an operation is a string",
      halfDone,
      async (site) => {
        const { body } = await job(site, [creation(site)]);
        expectEqual("status", memberAt(body, "Operations.0.status"), "201");
      },
    ],
    [
      "BULK-10",
      "MUST",
      "an operation that fails has the SCIM Error as response",
      halfDone,
      async (site) => {
        const { body: user } = await site.newUser();
        const userName = memberAt(user, "userName");
        const { body } = await job(site, [creation(site, { userName })]);
        expectEqual("status", memberAt(body, "Operations.0.status"), "409");
        const scimType = memberAt(body, "Operations.0.response.scimType");
        expectEqual("response.scimType", scimType, "uniqueness");
      },
    ],
    [
      "BULK-12",
      "MUST",
      "an operation that fails keeps no other from being done",
      halfDone,
      async (site) => {
        const refused = { ...creation(site, { userName: "" }), bulkId: "zero" };
        const { body } = await job(site, [refused, creation(site)]);
        expectEqual("the first status", memberAt(body, "Operations.0.status"), "400");
        expectEqual("the second status", memberAt(body, "Operations.1.status"), "201");
      },
    ],
    [
      "BULK-15",
      "MUST",
      "a bulkId in a value becomes the id of what was created",
      "groups are created without their members",
      async (site) => {
        const group = {
          method: "POST",
          path: "/Groups",
          bulkId: "two",
          data: site.groupBody({ members: [{ value: "bulkId:one" }] }),
        };
        const { body } = await job(site, [creation(site), group]);
        const user = String(memberAt(body, "Operations.0.location")).split("/").at(-1);
        const made = String(memberAt(body, "Operations.1.location")).split("/").at(-1);
        const read = await site.get(`/Groups/${made}`);
        expectEqual("members.0.value", memberAt(read.body, "members.0.value"), user);
      },
      "RFC 7644 §3.7.2",
    ],
    [
      "BULK-21",
      "MUST",
      "more operations than maxOperations are 413",
      "a client's job is cut off without a word",
      async (site) => {
        const most = Number(memberAt(site.config, "bulk.maxOperations"));
        expectThat(most > 0 && most <= 20_000, `maxOperations is ${most}, and is not tried`);
        const nothing = { method: "DELETE", path: "/Users/no-such-user" };
        const operations = Array.from({ length: most + 1 }, () => nothing);
        expectError(await job(site, operations), 413);
      },
      "RFC 7644 §3.7.4",
    ],
  ],
);

function creation(site: CheckSite, attributes: Readonly<Record<string, unknown>> = {}) {
  return { method: "POST", path: "/Users", bulkId: "one", data: site.userBody(attributes) };
}

function job(site: CheckSite, operations: readonly unknown[]) {
  return site.post("/Bulk", { schemas: [urn.bulk], Operations: operations });
}
