import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttributePath } from "../attribute-path/attribute-path.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import type { ComparisonOperator, Filter, Literal } from "./filter.ts";
import { formatFilter } from "./format-filter.ts";
import { parseFilter } from "./parse-filter.ts";

const { schemaUris } = createStandardRegistry();
const lenient = { strict: false, schemaUris };

test.each([
  "title pr",
  'userName eq "a\\"b\\\\c"',
  "a eq 1.5 or b ne null and c eq true",
  "(a pr or b pr) and not (c pr)",
  'emails[type eq "work" and (value co "@a" or primary eq true)]',
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr",
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
  "members[$ref pr]",
  "active eq True",
])("%s is written as it was", (text) => {
  expect(formatFilter(parseFilter(text, lenient))).toBe(text);
});

const names = fc.constantFrom(
  "a",
  "userName",
  "pr",
  "not",
  "and",
  "x-y_z$9",
  "$ref",
  "constructor",
);
const paths: fc.Arbitrary<AttributePath> = fc.record({
  schema: fc.constantFrom(undefined, "urn:a:b", "https://ex.example/a.b", ...schemaUris),
  attribute: names,
  subAttribute: fc.option(names, { nil: undefined }),
});
const subPaths: fc.Arbitrary<AttributePath> = names.map((attribute) => ({
  schema: undefined,
  attribute,
  subAttribute: undefined,
}));
const extensionPaths: fc.Arbitrary<AttributePath> = fc
  .constantFrom(...schemaUris)
  .map((schema) => ({
    schema,
    attribute: undefined,
    subAttribute: undefined,
  }));
const operators = fc.constantFrom<ComparisonOperator>(
  "eq",
  "ne",
  "co",
  "sw",
  "ew",
  "gt",
  "ge",
  "lt",
  "le",
);
const literals: fc.Arbitrary<Literal> = fc.oneof(
  fc
    .oneof(
      fc.string().map((text) => text.replaceAll("\0", "")),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    )
    .map((value) => ({ value, bare: false })),
  fc
    .constantFrom("bob", "True", "2015-10-10T14:38:21Z", "007")
    .map((value) => ({ value, bare: true })),
);

function terms(of: fc.Arbitrary<AttributePath>): fc.Arbitrary<Filter> {
  return fc.oneof(
    fc.record({ kind: fc.constant("present" as const), path: of }),
    fc.record({
      kind: fc.constant("comparison" as const),
      path: of,
      operator: operators,
      literal: literals,
    }),
  );
}

/** Trees as the parser makes them: no `and` directly in an `and`, no `or` in an `or`. */
function trees(term: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      term,
      tie("tree").map((operand): Filter => ({ kind: "not", operand })),
      fc
        .tuple(
          fc.constantFrom("and" as const, "or" as const),
          fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
        )
        .map(
          ([kind, operands]): Filter => ({
            kind,
            operands: operands.flatMap((operand) =>
              operand.kind === kind ? operand.operands : [operand],
            ),
          }),
        ),
    ),
  })).tree;
}

const valuePaths: fc.Arbitrary<Filter> = fc.record({
  kind: fc.constant("valuePath" as const),
  path: paths.map((path) => ({ ...path, subAttribute: undefined })),
  filter: trees(terms(subPaths)),
});

test("parsing what was written gives the same tree", () => {
  const extension = extensionPaths.map((path): Filter => ({ kind: "present", path }));
  fc.assert(
    fc.property(trees(fc.oneof(terms(paths), valuePaths, extension)), (filter) => {
      const text = formatFilter(filter);
      fc.pre(
        text.length < 2500 &&
          (text.match(/ (?:pr|eq|ne|co|sw|ew|gt|ge|lt|le)\b/g) ?? []).length < 60,
      );
      expect(parseFilter(text, lenient)).toEqual(filter);
    }),
    { seed: 7644, numRuns: 3000 },
  );
});
