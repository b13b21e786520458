/** What an operation of the admin API is: where it is, who may call it, what it takes and what it answers. No I/O. */
import { z } from "zod";
import type { AdminScope } from "../domain/admin-credential.ts";

/** Where the admin API begins, below the public URL. */
export const adminRoot = "/api/v1";

/** One operation. Schemas have names, so that the OpenAPI document and the console speak of the same things. */
export interface Operation<Query = unknown, Body = unknown, Answer = unknown> {
  /** Unique, such as `createTenant`. */
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the root. A `{tenant}` in it is looked up before anything else, within what the credential may see. */
  readonly path: `/${string}`;
  /** What it is about, to group by. */
  readonly noun: string;
  /** One sentence in the imperative. */
  readonly summary: string;
  /** What a credential must be good for: its own tenant, or the whole instance. */
  readonly scope: AdminScope;
  readonly query: z.ZodType<Query>;
  readonly body: z.ZodType<Body>;
  /** How success is told; an operation with several says which. */
  readonly statuses: readonly [number, ...number[]];
  readonly answer: z.ZodType<Answer>;
  /** The media types of its answers, which are text then; JSON where nothing is said. */
  readonly mediaTypes?: readonly [string, ...string[]];
  /** What 409 says, where there is something to be in conflict with. */
  readonly conflict?: string;
  /** What the ETag of its answers is the version of, where there is one; a change then takes If-Match. */
  readonly versionOf?: string;
  /** What 410 says, where there is something that may be kept no longer. */
  readonly gone?: string;
}

/** Schemas by their names in the OpenAPI document. */
export const contractSchemas: z.core.$ZodRegistry<{ id: string }> = z.registry<{ id: string }>();

/** Gives a schema its name. */
export function named<Value>(id: string, schema: z.ZodType<Value>): z.ZodType<Value> {
  schema.register(contractSchemas, { id });
  return schema;
}

/** A schema for values of a type that it describes less exactly than the type does. */
export function shaped<Value>(schema: z.ZodType): z.ZodType<Value> {
  // The schema has checked the form; the tests hold every answer against it.
  return schema.transform((value) => value as Value);
}

/** Of operations without parameters in the query. */
export const noQuery: z.ZodType<Readonly<Record<string, never>>> = z.strictObject({});
/** Of operations that read no body. */
export const noBody: z.ZodType<undefined> = z.undefined();
/** Of operations that answer 204. */
export const noContent: z.ZodType<undefined> = z.undefined();

/** A time in answers. */
export const timeSchema: z.ZodType<string> = z.string().meta({
  format: "date-time",
  description: "xsd:dateTime in UTC",
});

/** A time in answers that may not be there. */
export const timeOrNullSchema: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ format: "date-time" });

/** The most items of one page. */
export const adminPageSizeMax: number = 1000;
/** How many items a page has when nothing is said. */
export const adminPageSizeDefault: number = 100;

/** What every list takes. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What every list takes, to be put among its own parameters. */
export const pageMembers: {
  readonly limit: z.ZodType<number | undefined>;
  readonly cursor: z.ZodType<string | undefined>;
} = {
  limit: queryNumber({ min: 1, max: adminPageSizeMax })
    .optional()
    .describe(`How many items, ${adminPageSizeDefault} by default`),
  cursor: z.string().min(1).max(1024).optional().describe("The nextCursor of the page before"),
};

/** The parameters of a list that takes nothing else. */
export const pageQuery: z.ZodType<PageQuery> = z.strictObject(pageMembers);

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; null when this is the last one. */
  readonly nextCursor: string | null;
}

/** The schema of a page of a list. */
export function pageOf<Item>(id: string, item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return named(
    id,
    z.object({
      items: z.array(item),
      nextCursor: z
        .string()
        .nullable()
        .describe("Give it as cursor for the next page; null when there is none"),
    }),
  );
}

/** A whole number in a query, where everything is text. */
export function queryNumber(range: {
  readonly min: number;
  readonly max: number;
}): z.ZodType<number> {
  return z.preprocess(
    (text) => (typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : text),
    z.int().min(range.min).max(range.max),
  );
}
