/** Test vectors for filters and PATCH, as the files in packages/scim/test-vectors hold them. */
import { readFileSync } from "node:fs";
import type { AttributeDefinition } from "@rollcall/scim";

/** `rfc`, `derived`, `dialect` have to come out as they say; `lenient` may come out either way. */
export type VectorLevel = "rfc" | "derived" | "dialect" | "lenient";

/** A resource as a vector writes it. */
export type VectorResource = Readonly<Record<string, unknown>> & { readonly id: string };

/** What both kinds of vectors have. */
interface Vector {
  readonly id: string;
  readonly resourceType: "User" | "Group";
  readonly level: VectorLevel;
}

/** A filter with the fixtures it matches. */
export interface FilterVector extends Vector {
  readonly filter: string;
  readonly valid: boolean;
  /** Null: it only has to parse. */
  readonly match?: readonly string[] | null;
  readonly optionalMatch?: readonly string[];
  readonly altMatch?: readonly string[];
  readonly altError?: unknown;
}

/** How a PATCH may come out. */
export interface PatchOutcome {
  readonly after?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly status: number; readonly scimType?: string };
}

/** A resource, what is done to it, and how that may come out. */
export interface PatchVector extends Vector, PatchOutcome {
  readonly before: VectorResource;
  readonly ops?: readonly unknown[];
  /** A whole message, where it is no good one. */
  readonly body?: unknown;
  readonly alternatives?: readonly PatchOutcome[];
}

/** The resources that filter vectors are about, and an extension with an attribute of every type. */
export interface Fixtures {
  readonly extensionSchema: {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly attributes: readonly Omit<AttributeDefinition, "description">[];
  };
  readonly User: readonly VectorResource[];
  readonly Group: readonly VectorResource[];
}

const folder = new URL("../../packages/scim/test-vectors/", import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
}

/** The filter vectors. */
export const filterVectors: readonly FilterVector[] = (
  read("filters.json") as { vectors: readonly FilterVector[] }
).vectors;

/** The PATCH vectors. */
export const patchVectors: readonly PatchVector[] = (
  read("patch.json") as { vectors: readonly PatchVector[] }
).vectors;

/** The fixtures. */
export const fixtures: Fixtures = read("fixtures.json") as Fixtures;

/** Tells whether a vector needs the extension of the fixtures. */
export function needsExtension(vector: Vector): boolean {
  return JSON.stringify(vector).includes(fixtures.extensionSchema.id);
}

/** Gives a resource without what only a server can say, and without the extension where it is not offered. */
export function sendable(
  resource: Readonly<Record<string, unknown>>,
  withExtension: boolean,
): Readonly<Record<string, unknown>> {
  const { id: extension } = fixtures.extensionSchema;
  const { id, meta, ...rest } = resource;
  if (withExtension) {
    // The vectors' `score` is readOnly: a client cannot set it.
    const { score, ...data } = (rest[extension] ?? {}) as Readonly<Record<string, unknown>>;
    return extension in rest ? { ...rest, [extension]: data } : rest;
  }
  const { [extension]: unoffered, ...offered } = rest;
  const schemas = (offered["schemas"] as readonly string[]).filter((urn) => urn !== extension);
  return { ...offered, schemas };
}
