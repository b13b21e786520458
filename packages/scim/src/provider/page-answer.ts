/** The answer to a query: a ListResponse whose resources are made text one by one (RFC 7644 §3.4.2). */
import { listResponse } from "../query/list-response.ts";
import type { ResourcePage } from "../query/resource-query.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { OperationAnswer } from "./operation-answer.ts";

/** Answers with a page of resources. */
export function pageAnswer(
  { totalResults, resources }: ResourcePage,
  startIndex: number,
  textOf: (stored: StoredResource) => Iterable<string>,
): OperationAnswer {
  const message = {
    ...listResponse({ totalResults, startIndex, resources: [] }),
    itemsPerPage: resources.length,
  };
  return { status: 200, content: () => listText(JSON.stringify(message), resources, textOf) };
}

function* listText(
  message: string,
  resources: readonly StoredResource[],
  textOf: (stored: StoredResource) => Iterable<string>,
): Iterable<string> {
  // The list stands last in the message.
  yield message.slice(0, -"]}".length);
  for (const [index, stored] of resources.entries()) {
    if (index > 0) {
      yield ",";
    }
    yield* textOf(stored);
  }
  yield "]}";
}
