/** What the service provider says about its pages (RFC 9865 §4). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection());

interface Pagination {
  readonly [name: string]: unknown;
}

test("CURS-01 CURS-21 DISC-20 pagination says which methods there are and what they allow", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  const pagination = body["pagination"] as Pagination | undefined;
  if (pagination === undefined) {
    return;
  }
  expect(typeof pagination["cursor"]).toBe("boolean");
  expect(typeof pagination["index"]).toBe("boolean");
  expect([undefined, "cursor", "index"]).toContain(pagination["defaultPaginationMethod"]);
  for (const name of ["defaultPageSize", "maxPageSize", "cursorTimeout"]) {
    const value = pagination[name];
    expect(value === undefined || (Number.isInteger(value) && Number(value) > 0), name).toBe(true);
  }
  const [first, most] = [Number(pagination["defaultPageSize"]), Number(pagination["maxPageSize"])];
  expect(Number.isNaN(first) || Number.isNaN(most) || first <= most).toBe(true);
});

test("CURS-21 DISC-12 DISC-20 the attribute is in the published schema with its sub-attributes", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  if (body["pagination"] === undefined) {
    return;
  }
  const schema = await client.get(`/Schemas/${urn.serviceProviderConfig}`);
  const attributes = schema.body["attributes"] as readonly {
    readonly name: string;
    readonly type: string;
    readonly subAttributes?: readonly { readonly name: string; readonly required: boolean }[];
  }[];
  const pagination = attributes.find(({ name }) => name === "pagination");
  expect(pagination).toMatchObject({ type: "complex", multiValued: false, required: false });
  expect(
    Object.fromEntries(
      (pagination?.subAttributes ?? []).map(({ name, required }) => [name, required]),
    ),
  ).toEqual({
    cursor: true,
    index: true,
    defaultPaginationMethod: false,
    defaultPageSize: false,
    maxPageSize: false,
    cursorTimeout: false,
  });
});
