/** The answer to a query: a ListResponse whose resources are made text one by one (RFC 7644 §3.4.2). */
import type { ListPlace } from "../query/list-response.ts";
import { listResponse } from "../query/list-response.ts";
import type { FoundResource, ResourcePage } from "../query/resource-query.ts";
import type { OperationAnswer } from "./operation-answer.ts";

/** Answers with a page of resources. */
export function pageAnswer(
  { totalResults, resources }: ResourcePage,
  place: ListPlace,
  textOf: (found: FoundResource) => Iterable<string>,
): OperationAnswer {
  const message = {
    ...listResponse({ totalResults, ...place, resources: [] }),
    itemsPerPage: resources.length,
  };
  return { status: 200, content: () => listText(JSON.stringify(message), resources, textOf) };
}

function* listText(
  message: string,
  resources: readonly FoundResource[],
  textOf: (found: FoundResource) => Iterable<string>,
): Iterable<string> {
  // The list stands last in the message.
  yield message.slice(0, -"]}".length);
  for (const [index, found] of resources.entries()) {
    if (index > 0) {
      yield ",";
    }
    yield* textOf(found);
  }
  yield "]}";
}
