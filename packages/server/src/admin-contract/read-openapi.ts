/** The OpenAPI document in the admin API. */
import type { JsonObject } from "@rollcall/scim";
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery, shaped } from "./operation.ts";

/** Reads the document. */
export const readOpenApi: Operation<object, undefined, JsonObject> = {
  operationId: "readOpenApi",
  method: "GET",
  path: "/openapi.json",
  noun: "document",
  summary: "Read this description of the admin API, an OpenAPI 3.1 document",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: named(
    "OpenApiDocument",
    shaped(
      z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) }),
    ),
  ),
};
