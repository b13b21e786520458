/** The /Me alias (RFC 7644 §3.11). */
import { test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError } from "../scim-client.ts";

const client = createScimClient(await freshConnection());

test("ME-01 /Me is not offered and says so for every method", async () => {
  for (const method of ["GET", "DELETE"]) {
    expectError(await client.send(method, "/Me"), 501);
  }
  for (const method of ["POST", "PUT", "PATCH"]) {
    expectError(await client.send(method, "/Me", "{}"), 501);
  }
});
