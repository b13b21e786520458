/** Walks through the pages of a query by cursor, as the tests of RFC 9865 do it. */
import { expect } from "vitest";
import type { Answer, Representation, ScimClient } from "../scim-client.ts";
import { expectStatus } from "../scim-client.ts";

/** A query string without cursor, with its leading question mark. */
type Query = `?${string}`;

/** Asks for one page; without cursor for the first one. */
export async function pageAt(
  client: ScimClient,
  path: string,
  query: Query,
  cursor = "",
): Promise<Answer> {
  const answer = await client.get(`${path}${query}&cursor=${encodeURIComponent(cursor)}`);
  expectStatus(answer, 200);
  return answer;
}

/** The cursor of that name in an answer. */
export function cursorIn(
  { body }: Answer,
  name: "nextCursor" | "previousCursor" = "nextCursor",
): string {
  const cursor = body[name];
  expect(typeof cursor, name).toBe("string");
  return String(cursor);
}

/** Asks for page after page until there is none, and does something behind each. */
export async function pagesOf(
  client: ScimClient,
  path: string,
  query: Query,
  between: (page: Answer) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Answer[]> {
  const pages: Answer[] = [];
  let cursor: unknown = "";
  while (typeof cursor === "string") {
    const page = await pageAt(client, path, query, cursor);
    pages.push(page);
    expect(pages.length, "the walk does not end").toBeLessThan(200);
    cursor = page.body["nextCursor"];
    await between(page);
  }
  return pages;
}

/** The ids on a page, in its order. */
export function idsOn({ body }: { readonly body: Representation }): readonly string[] {
  return body.Resources.map(({ id }) => id);
}

/** Whether the service provider has pages by cursor; one that has none is not held to how they should be. */
export async function hasCursors(client: ScimClient): Promise<boolean> {
  const { body } = await client.get("/ServiceProviderConfig");
  const pagination = body["pagination"] as { readonly cursor?: unknown } | undefined;
  return pagination?.cursor === true;
}
