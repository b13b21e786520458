/** Imports a file in batches, each of which is done before the next one begins; killed, it goes on with the next start. */
import { appendFileSync, existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonObject } from "@rollcall/scim";
import { memberOf, ScimError } from "@rollcall/scim";
import type { Connection } from "../domain/connection.ts";
import { isRefusal, refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import { importGrant, importMapping, importTeam } from "./import-access.ts";
import type { Checkpoint } from "./import-checkpoint.ts";
import { dropCheckpoint, readCheckpoint, writeCheckpoint } from "./import-checkpoint.ts";
import type { ImportCounts } from "./import-counts.ts";
import { counted, countedRefusal, noCounts } from "./import-counts.ts";
import type { ImportKind, ImportLine, KindLine } from "./import-line.ts";
import { kindOf, textOf } from "./import-line.ts";
import { importAccount, importLink, importLock, importMembership } from "./import-person.ts";
import { importGroup, importMembers, importUser } from "./import-resource.ts";
import type { ImportOutcome, ImportParts, ImportPlace } from "./import-site.ts";
import { connectionOf } from "./import-site.ts";
import { importConnection, importDomain, importTenant } from "./import-tenant.ts";
import { factsOfFile, linesOfFile } from "./lines-of-file.ts";

/** What is imported, and where to. */
export interface ImportWish {
  readonly file: string;
  /** Where lines go that do not say it. */
  readonly tenant: Tenant | undefined;
  readonly connection: Connection | undefined;
  /** What lines are about that do not say it. */
  readonly kind: string | undefined;
  /** The database, in words: what was imported into one is not done in another. */
  readonly database: string;
  /** Told how many lines are done, and of about how many. */
  readonly onProgress: (lines: number, total: number) => void;
}

/** What an import came to. */
export interface ImportReport extends ImportCounts {
  /** How many lines are done, those of earlier starts included. */
  readonly lines: number;
  /** The last line that an earlier start had done; undefined when this one began at the beginning. */
  readonly resumedBehind: number | undefined;
  /** Where the refused lines are told; undefined when there is none. */
  readonly refusedFile: string | undefined;
}

/** How many lines are done at once, in one commit where one process writes. */
const linesAtOnceMax = 100;
/** How many characters of lines are done at once, about. */
const charactersAtOnceMax = 4_000_000;
/** A pause behind each batch, in which a server gets to write. */
const pauseMs = 5;

/** The file of refused lines. */
export function refusedFileOf(file: string): string {
  return `${file}.refused.jsonl`;
}

/** Imports it. */
export async function importFile(wish: ImportWish, parts: ImportParts): Promise<ImportReport> {
  const { file, onProgress } = wish;
  const facts = await factsOfFile(file);
  const mark = { sha256: facts.sha256, target: targetOf(wish) };
  const found = parts.dryRun ? undefined : readCheckpoint(file, mark);
  const place = await placeOf(wish, found, parts);
  const before = place === undefined ? undefined : found;
  const run: Run = {
    wish,
    parts,
    place: place ?? newPlace(wish),
    counts: before?.counts ?? noCounts,
    lines: before?.lines ?? 0,
  };
  prepareRefusedFile(file, before?.refusedBytes ?? 0, parts);
  onProgress(run.lines, facts.lineFeeds);
  for await (const batch of batchesOf(linesOfFile(file), run)) {
    await runBatch(batch, run);
    if (!parts.dryRun) {
      writeCheckpoint(file, checkpointOf(run, mark));
      await delay(pauseMs);
    }
    onProgress(run.lines, facts.lineFeeds);
  }
  if (!parts.dryRun) {
    dropCheckpoint(file);
  }
  return {
    ...run.counts,
    lines: run.lines,
    resumedBehind: before?.lines,
    refusedFile: run.counts.refused > 0 && !parts.dryRun ? refusedFileOf(file) : undefined,
  };
}

interface Run {
  readonly wish: ImportWish;
  readonly parts: ImportParts;
  readonly place: ImportPlace;
  counts: ImportCounts;
  lines: number;
}

function targetOf({ tenant, connection, kind, database }: ImportWish): string {
  return [database, tenant?.tenantId, connection?.connectionId, kind]
    .map((one) => one ?? "")
    .join(" ");
}

function newPlace({ tenant, connection }: ImportWish): ImportPlace {
  return { tenant, connection, isTenantGiven: tenant !== undefined, connections: new Map() };
}

/** Where an earlier start had come to; undefined when there is none, or its tenant is gone. */
async function placeOf(
  wish: ImportWish,
  found: Checkpoint | undefined,
  { store }: ImportParts,
): Promise<ImportPlace | undefined> {
  if (found === undefined) {
    return undefined;
  }
  const place = newPlace(wish);
  if (place.tenant !== undefined || found.tenantId === undefined) {
    return place;
  }
  const tenant = (await store.tenants.list()).find(({ tenantId }) => tenantId === found.tenantId);
  return tenant === undefined ? undefined : { ...place, tenant };
}

function checkpointOf(
  { wish, place, counts, lines }: Run,
  mark: Pick<Checkpoint, "sha256" | "target">,
): Checkpoint {
  const refused = refusedFileOf(wish.file);
  return {
    ...mark,
    tenantId: place.tenant?.tenantId,
    lines,
    counts,
    refusedBytes: existsSync(refused) ? statSync(refused).size : 0,
  };
}

/** What was told of lines that are not done stands there no more. */
function prepareRefusedFile(file: string, bytes: number, { dryRun }: ImportParts): void {
  const refused = refusedFileOf(file);
  if (dryRun || !existsSync(refused)) {
    return;
  }
  if (bytes === 0) {
    rmSync(refused);
  } else {
    truncateSync(refused, bytes);
  }
}

type BatchLine = ImportLine & {
  readonly understood: KindLine | undefined;
  readonly problem?: string;
};

/** Kinds whose lines are done one after the other: those behind them depend on them. */
const inTurn: ReadonlySet<ImportKind> = new Set([
  "tenant",
  "connection",
  "domain",
  "team",
  "mapping",
]);

/** Lines of one kind, none of them about the same thing as another. */
async function* batchesOf(
  lines: AsyncIterable<ImportLine>,
  { lines: done, wish }: Run,
): AsyncGenerator<readonly BatchLine[]> {
  let batch: BatchLine[] = [];
  let characters = 0;
  let names = new Set<string>();
  for await (const line of lines) {
    if (line.number <= done) {
      continue;
    }
    const one = understood(line, wish.kind);
    const own = namesOf(one);
    const isFull = batch.length >= linesAtOnceMax || characters >= charactersAtOnceMax;
    const [first] = batch;
    const isOther = first !== undefined && first.understood?.kind !== one.understood?.kind;
    if (batch.length > 0 && (isFull || isOther || own.some((name) => names.has(name)))) {
      yield batch;
      batch = [];
      characters = 0;
      names = new Set();
    }
    batch.push(one);
    characters += lengthOf(line.content);
    for (const name of own) {
      names.add(name);
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

function understood(line: ImportLine, otherwise: string | undefined): BatchLine {
  try {
    return { ...line, understood: kindOf(line, otherwise) };
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    return { ...line, understood: undefined, problem: error.message };
  }
}

/** What tells what a line is about; of two that share one of these, the later has to come later. */
const namingMembers = ["id", "externalId", "userName", "email", "ref", "account", "group"];

function namesOf({ understood }: BatchLine): readonly string[] {
  if (understood === undefined) {
    return [];
  }
  const { content, kind } = understood;
  const members = kind === "group" ? [...namingMembers, "displayName"] : namingMembers;
  return members.flatMap((name) => {
    const value = memberOf(content, name);
    return typeof value === "string" ? [`${name} ${value.toLowerCase()}`] : [];
  });
}

/** Lists are what makes lines long. */
function lengthOf(content: JsonObject | undefined): number {
  const members = content === undefined ? undefined : memberOf(content, "members");
  return 500 + (Array.isArray(members) ? members.length * 60 : 0);
}

type LineResult =
  | { readonly kind: "done"; readonly outcome: ImportOutcome }
  | { readonly kind: "refused"; readonly reason: string };

async function runBatch(batch: readonly BatchLine[], run: Run): Promise<void> {
  const kind = batch[0]?.understood?.kind;
  const results = await (kind !== undefined && inTurn.has(kind)
    ? oneByOne(batch, run)
    : sideBySide(batch, run, kind));
  const told: string[] = [];
  for (const [index, { number, understood }] of batch.entries()) {
    const result = results[index];
    if (result?.kind === "done") {
      run.counts = counted(run.counts, result.outcome);
    } else if (result !== undefined) {
      run.counts = countedRefusal(run.counts, result.reason);
      told.push(
        `${JSON.stringify({ line: number, kind: understood?.kind ?? null, reason: result.reason })}\n`,
      );
    }
    run.lines = number;
  }
  if (told.length > 0 && !run.parts.dryRun) {
    appendFileSync(refusedFileOf(run.wish.file), told.join(""), { mode: 0o600 });
  }
}

async function oneByOne(batch: readonly BatchLine[], run: Run): Promise<LineResult[]> {
  const results: LineResult[] = [];
  for (const line of batch) {
    results.push(await runLine(line, run));
  }
  return results;
}

/** Groups may have one another as members: those that were refused are tried again as long as others come to be there. */
async function sideBySide(
  batch: readonly BatchLine[],
  run: Run,
  kind: ImportKind | undefined,
): Promise<readonly LineResult[]> {
  let results = await Promise.all(batch.map((line) => runLine(line, run)));
  for (let before = Number.POSITIVE_INFINITY; kind === "group"; ) {
    const refused = results.filter((result) => result.kind === "refused").length;
    if (refused === 0 || refused >= before) {
      break;
    }
    before = refused;
    results = await refusedAgain(batch, results, run);
  }
  return results;
}

async function refusedAgain(
  batch: readonly BatchLine[],
  results: readonly LineResult[],
  run: Run,
): Promise<LineResult[]> {
  const again: LineResult[] = [];
  for (const [index, line] of batch.entries()) {
    const result = results[index];
    again.push(result?.kind === "done" ? result : await runLine(line, run));
  }
  return again;
}

/** How often a line is tried while the database is away. */
const attemptsMax = 10;

async function runLine(line: BatchLine, run: Run): Promise<LineResult> {
  const { understood } = line;
  if (understood === undefined) {
    return { kind: "refused", reason: line.problem ?? "the line is no JSON object" };
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { kind: "done", outcome: await importLine(understood, run) };
    } catch (error) {
      if (isRefusal(error)) {
        return { kind: "refused", reason: error.message };
      }
      throwUnlessAway(error, attempt, run);
      await delay(200 * attempt);
    }
  }
}

function throwUnlessAway(error: unknown, attempt: number, { lines }: Run): void {
  if (!(error instanceof ScimError) || error.status !== 503) {
    throw error;
  }
  if (attempt >= attemptsMax) {
    throw refusal(
      `the database is away (${error.message}); ${lines} lines are done: start the import again, and it goes on there`,
    );
  }
}

type LineImport = (
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
) => Promise<ImportOutcome>;

const resourceLine =
  (importOne: typeof importUser): LineImport =>
  async (content, place, parts) =>
    importOne(content, await connectionOf(place, textOf(content, "connection"), parts), parts);

const imports: Readonly<Record<ImportKind, LineImport>> = {
  tenant: importTenant,
  connection: importConnection,
  domain: importDomain,
  team: importTeam,
  mapping: importMapping,
  account: importAccount,
  membership: importMembership,
  grant: importGrant,
  lock: importLock,
  user: resourceLine(importUser),
  group: resourceLine(importGroup),
  members: resourceLine(importMembers),
  link: importLink,
};

function importLine({ kind, content }: KindLine, { place, parts }: Run): Promise<ImportOutcome> {
  return imports[kind](content, place, parts);
}
