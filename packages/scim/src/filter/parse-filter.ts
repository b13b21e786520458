/** Parses filters (RFC 7644 §3.4.2.2) with a tokenizer of its own: linear time, bounded depth, length and terms. */
import type { AttributePath } from "../attribute-path/attribute-path.ts";
import { isAttributeName, parseAttributePath } from "../attribute-path/parse-attribute-path.ts";
import { ScimError } from "../errors.ts";
import { isStorableText } from "../schema/data-type.ts";
import type { ComparisonOperator, Filter, Literal } from "./filter.ts";
import type { FilterScanner } from "./filter-scanner.ts";
import { createFilterScanner } from "./filter-scanner.ts";

/** The longest filter, in UTF-8 bytes. */
export const filterLengthMax: number = 8192;
/** The deepest nesting of parentheses, `not` and brackets. */
export const filterDepthMax: number = 32;
/** The most comparisons and presence tests in one filter. */
export const filterTermsMax: number = 100;

/** How a filter is read. */
export interface FilterReading {
  /** Refuses bare words as values; without it a bare word runs to the next blank, `)` or `]`. */
  readonly strict: boolean;
  readonly schemaUris: readonly string[];
}

/** The state of one parse. `depth`: open parentheses and brackets; `terms`: comparisons and presence tests so far. */
interface Parse {
  readonly scanner: FilterScanner;
  readonly reading: FilterReading;
  depth: number;
  terms: number;
  /** Between the brackets of a value path, where paths are names of sub-attributes. */
  inBrackets: boolean;
}

const comparisonOperators: readonly ComparisonOperator[] = [
  "eq",
  "ne",
  "co",
  "sw",
  "ew",
  "gt",
  "ge",
  "lt",
  "le",
];
const expectedOperator = `an operator (${comparisonOperators.join(", ")} or pr)`;
const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const wordLiterals: Readonly<Record<string, boolean | null>> = {
  true: true,
  false: false,
  null: null,
};
/** No bare word begins with these: they open JSON values or strings in the wrong quotes. */
const notBareStart = "\"'([{";

/** Parses a filter. Throws `invalidFilter` saying what was found where and what was expected. */
export function parseFilter(text: string, reading: FilterReading): Filter {
  return parseWhole(text, reading, false);
}

/** Parses the filter between the brackets of a value path, whose paths name sub-attributes. */
export function parseValueFilter(text: string, reading: FilterReading): Filter {
  return parseWhole(text, reading, true);
}

function parseWhole(text: string, reading: FilterReading, inBrackets: boolean): Filter {
  if (isLongerThan(text, filterLengthMax)) {
    throw limitError(`${filterLengthMax} bytes`);
  }
  const scanner = createFilterScanner(text);
  const filter = parseOr({ scanner, reading, depth: 0, terms: 0, inBrackets });
  if (scanner.peek() !== "") {
    throw scanner.unexpected("`and`, `or` or the end");
  }
  return filter;
}

/** Whether a text has more UTF-8 bytes than a limit; counts only when its length alone does not tell. */
function isLongerThan(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) {
    return true;
  }
  return text.length * 3 > bytesMax && utf8LengthOf(text) > bytesMax;
}

/** Two bytes of a surrogate pair's four for each of its halves. */
function utf8LengthOf(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const isTwoBytes = unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff);
    bytes += unit < 0x80 ? 1 : isTwoBytes ? 2 : 3;
  }
  return bytes;
}

function limitError(limit: string): ScimError {
  return new ScimError("invalidFilter", `the filter is over the limit of ${limit}`);
}

/** FILTER "or" FILTER; `and` binds tighter. Ends after the blanks behind the last operand. */
function parseOr(parse: Parse): Filter {
  return parseOperands(parse, "or", () => parseOperands(parse, "and", () => parseTerm(parse)));
}

/** One or more operands with a keyword between them; operands that have the same keyword themselves join in. */
function parseOperands(parse: Parse, kind: "and" | "or", parseOperand: () => Filter): Filter {
  const { scanner } = parse;
  const first = parseOperand();
  scanner.skipBlanks();
  if (!takeKeyword(scanner, kind)) {
    return first;
  }
  const operands = [...operandsOf(first, kind)];
  do {
    operands.push(...operandsOf(parseOperand(), kind));
    scanner.skipBlanks();
  } while (takeKeyword(scanner, kind));
  return { kind, operands };
}

function operandsOf(filter: Filter, kind: "and" | "or"): readonly Filter[] {
  return filter.kind === kind ? filter.operands : [filter];
}

/** Takes `and` or `or`, if that is the next word. */
function takeKeyword(scanner: FilterScanner, keyword: string): boolean {
  if (scanner.peekWord().toLowerCase() !== keyword) {
    return false;
  }
  scanner.takeWord();
  return true;
}

/** attrExp / valuePath / *1"not" "(" FILTER ")" */
function parseTerm(parse: Parse): Filter {
  const { scanner } = parse;
  scanner.skipBlanks();
  if (scanner.take("(")) {
    return parseGroup(parse);
  }
  const start = scanner.position();
  const word = scanner.takeWord();
  if (word === "") {
    throw scanner.unexpected("an attribute, `not (` or `(`");
  }
  if (scanner.take("[")) {
    return parseValuePath(parse, word, start);
  }
  scanner.skipBlanks();
  // An attribute may be called `not`; only a parenthesis makes it the operator.
  if (word.toLowerCase() === "not" && scanner.take("(")) {
    return { kind: "not", operand: parseGroup(parse) };
  }
  return parseTest(parse, parsePath(parse, word, start));
}

/** What is between parentheses, the opening one being taken. */
function parseGroup(parse: Parse): Filter {
  enter(parse);
  const filter = parseOr(parse);
  if (!parse.scanner.take(")")) {
    throw parse.scanner.unexpected("`and`, `or` or `)`");
  }
  parse.depth -= 1;
  return filter;
}

function enter(parse: Parse): void {
  parse.depth += 1;
  if (parse.depth > filterDepthMax) {
    throw limitError(`${filterDepthMax} levels of parentheses and brackets`);
  }
}

/** attrPath "[" valFilter "]", the opening bracket being taken; also `attrPath[valFilter].sub op value`. */
function parseValuePath(parse: Parse, word: string, start: number): Filter {
  const { scanner } = parse;
  if (parse.inBrackets) {
    const kind = "a value path";
    throw scanner.unexpected("no brackets inside brackets", { position: start, kind });
  }
  const path = parsePath(parse, word, start);
  if (path.attribute === undefined || path.subAttribute !== undefined) {
    const kind = "a path with a sub-attribute or without an attribute";
    throw scanner.unexpected("an attribute before `[`", { position: start, kind });
  }
  enter(parse);
  parse.inBrackets = true;
  const filter = parseOr(parse);
  if (!scanner.take("]")) {
    throw scanner.unexpected("`and`, `or` or `]`");
  }
  parse.inBrackets = false;
  parse.depth -= 1;
  return { kind: "valuePath", path, filter: withSubAttribute(parse, filter) };
}

/**
 * Interop: Entra sends `emails[type eq "work"].value eq "…"` (entra-modern.json: match-existing-user-different-case),
 * which RFC 7644 §3.4.2.2 does not have; it means `emails[type eq "work" and value eq "…"]`.
 */
function withSubAttribute(parse: Parse, filter: Filter): Filter {
  const { scanner } = parse;
  if (!scanner.take(".")) {
    return filter;
  }
  const start = scanner.position();
  const name = scanner.takeWord();
  if (!isAttributeName(name)) {
    throw scanner.unexpected("a sub-attribute", { position: start, kind: "no attribute name" });
  }
  scanner.skipBlanks();
  const path: AttributePath = { schema: undefined, attribute: name, subAttribute: undefined };
  return { kind: "and", operands: [...operandsOf(filter, "and"), parseTest(parse, path)] };
}

function parsePath(parse: Parse, word: string, start: number): AttributePath {
  const { scanner, reading } = parse;
  const path = pathOf(word, parse.inBrackets ? [] : reading.schemaUris);
  const isSubAttribute = path?.schema === undefined && path?.subAttribute === undefined;
  if (path === undefined || (parse.inBrackets && !isSubAttribute)) {
    const kind = word.startsWith("'") ? "a single quote" : "no attribute name";
    const expected = parse.inBrackets ? "a sub-attribute" : "an attribute, `not (` or `(`";
    throw scanner.unexpected(expected, { position: start, kind });
  }
  return path;
}

function pathOf(word: string, schemaUris: readonly string[]): AttributePath | undefined {
  try {
    return parseAttributePath(word, schemaUris);
  } catch (error) {
    if (error instanceof ScimError) {
      return undefined;
    }
    throw error;
  }
}

/** Operators of other languages, which a message may repeat; any other word may be a piece of somebody's data. */
const foreignOperators: ReadonlySet<string> = new Set(
  "contains endswith equals gte in is like lte matches neq regex startswith".split(" "),
);

/** "pr" / compareOp compValue, the path and the blanks behind it being taken. */
function parseTest(parse: Parse, path: AttributePath): Filter {
  const { scanner } = parse;
  parse.terms += 1;
  if (parse.terms > filterTermsMax) {
    throw limitError(`${filterTermsMax} comparisons`);
  }
  const word = scanner.peekWord();
  const lower = word.toLowerCase();
  const operator = comparisonOperators.find((known) => known === lower);
  if (operator === undefined && lower !== "pr") {
    const kind = foreignOperators.has(lower) ? `\`${lower}\`` : "a word that is no operator";
    throw word === ""
      ? scanner.unexpected(expectedOperator)
      : scanner.unexpected(expectedOperator, { position: scanner.position(), kind });
  }
  scanner.takeWord();
  if (operator === undefined) {
    return { kind: "present", path };
  }
  scanner.skipBlanks();
  return { kind: "comparison", path, operator, literal: parseLiteral(parse) };
}

/** compValue = false / null / true / number / string; leniently also a bare word. */
function parseLiteral({ scanner, reading }: Parse): Literal {
  if (scanner.peek() === '"') {
    const value = scanner.takeString();
    if (!" \t)]".includes(scanner.peek())) {
      throw scanner.unexpected("a blank behind the string");
    }
    return { value, bare: false };
  }
  const start = scanner.position();
  const word = scanner.takeBareWord();
  if (Object.hasOwn(wordLiterals, word)) {
    return { value: wordLiterals[word] ?? null, bare: false };
  }
  if (numberPattern.test(word)) {
    return { value: finiteNumber(scanner, word, start), bare: false };
  }
  checkBareWord(scanner, word, { position: start, strict: reading.strict });
  return { value: word, bare: true };
}

/**
 * Interop: Entra and older releases of authentik send words without quotes (entra-legacy.json:
 * create-user-with-nulls-and-bad-extension-urn, authentik.json: older-release-shapes).
 */
function checkBareWord(
  scanner: FilterScanner,
  word: string,
  { position, strict }: { readonly position: number; readonly strict: boolean },
): void {
  const first = word.slice(0, 1);
  const isKeyword = /^(?:and|or)$/i.test(word);
  const isText = !word.includes('"') && isStorableText(word);
  if (word === "" || isKeyword || notBareStart.includes(first) || !isText) {
    const kind = word === "" ? "nothing" : first === "'" ? "a single quote" : "no JSON literal";
    const expected = "a string in double quotes, a number, true, false or null";
    throw scanner.unexpected(expected, { position, kind });
  }
  if (strict) {
    throw scanner.unexpected("a string in double quotes", {
      position,
      kind: "a word without quotes",
    });
  }
}

function finiteNumber(scanner: FilterScanner, word: string, position: number): number {
  const value = Number(word);
  if (!Number.isFinite(value)) {
    const kind = "a number out of range";
    throw scanner.unexpected("a number between -1.7e308 and 1.7e308", { position, kind });
  }
  return value + 0;
}
