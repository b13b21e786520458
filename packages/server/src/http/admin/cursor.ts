/** Opaque cursors of the lists of the admin API, and the pages that they lead to. */
import type { Page, PageQuery } from "../../admin-contract/operation.ts";
import { adminPageSizeDefault } from "../../admin-contract/operation.ts";
import { invalidRequest } from "./problem.ts";

/** A place in a list: behind the item with this key. */
type Position = string | number;

/** Writes a cursor; `list` names the list, whose cursors no other takes. */
export function formatCursor(list: string, position: Position): string {
  return Buffer.from(JSON.stringify([list, position])).toString("base64url");
}

/** Reads the cursor of a request, in a list whose keys are text; undefined when it has none. */
export function textPositionOf(list: string, query: PageQuery): string | undefined {
  const position = positionOf(list, query);
  if (typeof position === "number") {
    throw badCursor();
  }
  return position;
}

/** Reads the cursor of a request, in a list whose keys are whole numbers; undefined when it has none. */
export function numberPositionOf(list: string, query: PageQuery): number | undefined {
  const position = positionOf(list, query);
  if (typeof position === "string") {
    throw badCursor();
  }
  return position;
}

function positionOf(list: string, { cursor }: PageQuery): Position | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  const read = parsed(Buffer.from(cursor, "base64url").toString("utf8"));
  const [name, position] = Array.isArray(read) ? read : [];
  if (name !== list || !isPosition(position)) {
    throw badCursor();
  }
  return position;
}

function isPosition(position: unknown): position is Position {
  return typeof position === "string" ? isText(position) : Number.isSafeInteger(position);
}

/** What is no text for a database was never given out. */
function isText(position: string): boolean {
  return !/[\0\p{Cs}]/u.test(position);
}

function badCursor(): Error {
  const detail = "expected the nextCursor of a page of this list";
  return invalidRequest([{ path: "cursor", detail }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no cursor, which the caller says.
    return undefined;
  }
}

/** How many items a request wants. */
export function limitOf({ limit }: PageQuery): number {
  return limit ?? adminPageSizeDefault;
}

/** Makes a page of items that were read one more than the page has: the one too many shows that there is another page. */
export function pageOfRead<Item, Shown>(
  read: readonly Item[],
  query: PageQuery,
  forms: {
    readonly list: string;
    readonly keyOf: (item: Item) => Position;
    readonly shown: (item: Item) => Shown;
  },
): Page<Shown> {
  const items = read.slice(0, limitOf(query));
  const last = items.at(-1);
  return {
    items: items.map(forms.shown),
    nextCursor:
      last === undefined || read.length <= items.length
        ? null
        : formatCursor(forms.list, forms.keyOf(last)),
  };
}

/** Makes a page of a list that is read as a whole, being of an operator's size, and is in the order of its keys. */
export function pageOfAll<Item, Shown>(
  all: readonly Item[],
  query: PageQuery,
  forms: {
    readonly list: string;
    readonly keyOf: (item: Item) => string;
    readonly shown: (item: Item) => Shown;
  },
): Page<Shown> {
  const after = textPositionOf(forms.list, query);
  const rest = after === undefined ? all : all.filter((item) => forms.keyOf(item) > after);
  return pageOfRead(rest.slice(0, limitOf(query) + 1), query, forms);
}
