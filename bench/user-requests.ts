/** Requests about people of a directory, and what their answers have to hold. */
import type { Directory, GeneratedUser } from "./generate-directory.ts";
import { expectStatus, expectText } from "./load.ts";
import type { ServerProcess } from "./server-process.ts";
import type { CheckedRequests } from "./workplace.ts";
import { many } from "./workplace.ts";

/** The look-ups that clients make. */
export const lookups: Readonly<Record<string, (user: GeneratedUser) => string>> = {
  "userName eq": ({ userName }) => `userName eq ${JSON.stringify(userName)}`,
  "externalId eq": ({ externalId }) => `externalId eq ${JSON.stringify(externalId)}`,
  "emails.value eq": ({ email }) => `emails.value eq ${JSON.stringify(email)}`,
};

/** Numbers of people spread over the directory, other ones in each slice. */
export function drawUsers({ users }: Directory, length: number, slice: number): readonly number[] {
  // A prime step meets everybody before it meets anybody twice.
  return many(length, (index) => ((index + slice * length) * 7919 + 13) % users);
}

/** Point reads. */
export function pointReads(
  server: ServerProcess,
  directory: Directory,
  numbers: readonly number[],
): CheckedRequests {
  const ids = numbers.map(directory.userIdAt);
  return {
    requests: ids.map((id) => server.encode({ method: "GET", path: `/Users/${id}` })),
    check: expectText((index) => `"id":"${ids[index]}"`),
  };
}

/** Look-ups that find one person. */
export function lookupReads(
  server: ServerProcess,
  directory: Directory,
  numbers: readonly number[],
  filterOf: (user: GeneratedUser) => string,
): CheckedRequests {
  const users = numbers.map(directory.userAt);
  const isOne = expectText(() => '"totalResults":1,');
  const hasId = expectText((index) => `"id":"${users[index]?.id}"`);
  return {
    requests: users.map((user) =>
      server.encode({
        method: "GET",
        path: `/Users?filter=${encodeURIComponent(filterOf(user))}`,
      }),
    ),
    check: (answer, index) => {
      isOne(answer, index);
      hasId(answer, index);
    },
  };
}

/** First pages, or pages at a position. */
export function pages(
  server: ServerProcess,
  length: number,
  { startIndex, count }: { readonly startIndex: number; readonly count: number },
): CheckedRequests {
  const path = `/Users?startIndex=${startIndex}&count=${count}`;
  return {
    requests: many(length, () => server.encode({ method: "GET", path })),
    check: expectText(() => `"itemsPerPage":${count},`),
  };
}

/** PATCHes that give people another title; the mark makes it another one in each slice. */
export function patches(
  server: ServerProcess,
  directory: Directory,
  numbers: readonly number[],
  mark: string,
): CheckedRequests {
  return {
    requests: numbers.map((number) =>
      server.encode({
        method: "PATCH",
        path: `/Users/${directory.userIdAt(number)}`,
        body: {
          schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
          Operations: [{ op: "replace", path: "title", value: `Engineer ${mark}` }],
        },
      }),
    ),
    check: expectStatus(200, 204),
  };
}
