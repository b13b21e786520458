/** Versions of resources (RFC 7644 §3.14). */
import { memberAt } from "../../target.ts";
import type { CheckSite } from "../check-site.ts";
import { expectEqual, expectError, expectStatus, expectThat, mismatch } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const overwritten = "of two clients that change somebody at once the later one undoes the earlier";

/** The requirements. */
export const etagRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.14", needs: "etag" },
  [
    [
      "ETAG-02",
      "MUST",
      "creations and reads have an ETag, equal to meta.version",
      "Keycloak's plugin, which sends If-Match, has nothing to send",
      async ({ newUser, get }) => {
        const { path, answer, body } = await newUser();
        expectEqual(
          "ETag of the creation",
          answer.headers.get("etag"),
          memberAt(body, "meta.version"),
        );
        const read = await get(path);
        expectThat((read.headers.get("etag") ?? "") !== "", "a read has no ETag");
        const version = memberAt(read.body, "meta.version");
        expectEqual("ETag of a read", read.headers.get("etag"), version);
      },
    ],
    [
      "ETAG-03",
      "MUST",
      "If-None-Match with the current version is 304 without a body",
      "clients that look for changes read everything each time",
      async (site) => {
        const { path, tag } = await taggedUser(site);
        const answer = await site.get(path, { "if-none-match": tag });
        expectStatus(answer, 304);
        expectEqual("the body", answer.text, "");
        expectStatus(await site.get(path, { "if-none-match": 'W/"other"' }), 200);
      },
    ],
    [
      "ETAG-04",
      "MUST",
      "If-Match with another version is 412 and changes nothing",
      overwritten,
      async (site) => {
        const { path, body } = await taggedUser(site);
        const changed = site.userBody({ userName: memberAt(body, "userName"), title: "T" });
        const stale = { "if-match": 'W/"other"' };
        expectError(await site.put(path, changed, stale), 412);
        expectError(await site.delete(path, stale), 412);
        expectEqual("title", memberAt((await site.get(path)).body, "title"), undefined);
      },
    ],
    [
      "ETAG-05",
      "CHOICE",
      "If-Match with the current version proceeds, weak or not",
      "Keycloak's plugin cannot change anybody",
      async (site) => {
        const { path, body, tag } = await taggedUser(site);
        const changed = site.userBody({ userName: memberAt(body, "userName"), title: "T" });
        expectStatus(await site.put(path, changed, { "if-match": tag }), 200);
      },
    ],
    [
      "ETAG-09",
      "DERIVED",
      "the version changes with the resource, and only then",
      overwritten,
      async (site) => {
        const { path, body, tag } = await taggedUser(site);
        expectEqual("ETag of a second read", (await site.get(path)).headers.get("etag"), tag);
        const changed = site.userBody({ userName: memberAt(body, "userName"), title: "T" });
        expectStatus(await site.put(path, changed), 200);
        expectThat((await site.get(path)).headers.get("etag") !== tag, "the ETag is as before");
      },
    ],
  ],
);

async function taggedUser(site: CheckSite) {
  const { path, body } = await site.newUser();
  const tag = (await site.get(path)).headers.get("etag");
  if (tag === null) {
    throw mismatch("a read has no ETag");
  }
  return { path, body, tag };
}
