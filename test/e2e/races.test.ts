/** The races against one server on SQLite. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { findUntold } from "./feed-invariant.ts";
import { countRows, findBrokenInvariants } from "./invariants.ts";
import { races } from "./races.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, serve } from "./rollcall-process.ts";
import { createScimSite } from "./scim-site.ts";

const folder = makeDataFolder();
let server: RollcallProcess;

beforeAll(async () => {
  server = await serve(folder.path);
});

afterAll(async () => {
  await server.stop();
  folder.remove();
});

const site = {
  ...createScimSite(
    () => [server.baseUrl],
    () => ({ folder: folder.path }),
  ),
  countRows: () => countRows(folder.path),
};

test.each(races)("$name", ({ run }) => run(site));

test("after all races the invariants hold, and the feed tells what has become of everything", async () => {
  expect(findBrokenInvariants(folder.path)).toEqual([]);
  expect(await findUntold({ baseUrl: server.baseUrl, folder: folder.path })).toEqual([]);
});
