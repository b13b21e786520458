/** Carries out a bulk job: each operation as the request that it stands for, in a transaction of its own (RFC 7644 §3.7). */
import { bulkIdsIn, withIds, withoutReferences } from "../bulk/bulk-id.ts";
import type { BulkEntry, BulkJob, BulkOperation } from "../bulk/bulk-request.ts";
import type { BulkResult } from "../bulk/bulk-response.ts";
import { bulkResponse } from "../bulk/bulk-response.ts";
import type { BulkStep } from "../bulk/order-operations.ts";
import { orderOperations } from "../bulk/order-operations.ts";
import { errorMessageOf, reasonOf, ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { patchOpSchema } from "../patch/patch-op.ts";
import { printableName } from "../resource/reading-notes.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { contentOf } from "./operation-answer.ts";
import type { ScimContext } from "./scim-context.ts";

/** How the operations of a job are carried out. */
export interface BulkSite {
  /** Answers one operation as a single request would be; throws as that does. */
  readonly perform: (operation: BulkOperation, context: ScimContext) => Promise<OperationAnswer>;
  /** The URL of the resource at a path of an operation; undefined where there can be none. */
  readonly locationOf: (path: string) => string | undefined;
}

/** What has become of one operation. */
interface Outcome {
  readonly result: BulkResult;
  readonly error: ScimError | undefined;
  /** The id of the resource that it has created. */
  readonly id?: string | undefined;
  /** The references that it still lacks, to be added by a PATCH. */
  readonly lacking?: JsonObject | undefined;
}

/** A job on its way. */
interface BulkRun {
  readonly entries: readonly BulkEntry[];
  readonly site: BulkSite;
  readonly context: ScimContext;
  /** By the place of the operation. */
  readonly outcomes: Map<number, Outcome>;
  /** Every bulkId of the job with the place of the POST that it belongs to. */
  readonly places: ReadonlyMap<string, number>;
  defect: unknown;
}

/** How long a client waits that was told to repeat what was not begun, in seconds. */
const retryAfterSeconds = 1;

/**
 * Answers 200 with what came of the operations that were begun, in the order of the request. Once time is up nothing
 * else is begun, and the rest is 503. Throws 503 when not a single operation got further than that.
 */
export async function processBulk(
  { entries, failOnErrors = Number.POSITIVE_INFINITY }: BulkJob,
  site: BulkSite,
  context: ScimContext,
): Promise<OperationAnswer> {
  const places = placesIn(entries);
  const run: BulkRun = { entries, site, context, places, outcomes: new Map(), defect: undefined };
  for (const step of stepsOf(entries, places)) {
    if (errorsIn(run).length >= failOnErrors) {
      break;
    }
    if (context.isTimeUp?.() === true) {
      refuseTheRest(run);
      break;
    }
    await takeStep(step, run);
  }
  refuseIncomplete(run);
  return answerOf(run);
}

function placesIn(entries: readonly BulkEntry[]): ReadonlyMap<string, number> {
  return new Map(
    entries.flatMap((entry, index) =>
      entry.kind === "operation" && entry.operation.method === "POST"
        ? [[entry.operation.bulkId ?? "", index] as const]
        : [],
    ),
  );
}

function stepsOf(
  entries: readonly BulkEntry[],
  places: ReadonlyMap<string, number>,
): readonly BulkStep[] {
  const creating = new Map([...places].map(([bulkId, index]) => [index, bulkId]));
  return orderOperations(
    entries.map((entry, index) => ({
      creates: creating.get(index),
      needs: entry.kind === "operation" ? bulkIdsIn(entry.operation) : [],
    })),
  );
}

async function takeStep(step: BulkStep, run: BulkRun): Promise<void> {
  const { index } = step;
  const before = run.outcomes.get(index);
  if (step.kind === "complete" && (before === undefined || before.error !== undefined)) {
    return;
  }
  try {
    run.outcomes.set(
      index,
      step.kind === "perform"
        ? await performed(index, new Set(step.without), run)
        : await completed(index, before, run),
    );
  } catch (thrown) {
    run.outcomes.set(index, failed(index, errorOf(thrown, run), run));
  }
}

async function performed(
  index: number,
  without: ReadonlySet<string>,
  run: BulkRun,
): Promise<Outcome> {
  const entry = run.entries[index];
  if (entry?.kind !== "operation") {
    throw entry?.error ?? new TypeError(`the job has no operation ${index}`);
  }
  const { operation } = entry;
  const { kept, taken } = withoutReferences(operation.data ?? {}, without);
  const isWhole = without.size === 0;
  const some = isWhole ? operation : { ...operation, data: kept };
  const answer = await perform(withIds(some, idIn(run)), index, run);
  return {
    result: resultOf(operation, answer, run.site),
    error: undefined,
    id: answer.id,
    lacking: isWhole ? undefined : taken,
  };
}

/** Sets the references that an operation was carried out without. */
async function completed(
  index: number,
  before: Outcome | undefined,
  run: BulkRun,
): Promise<Outcome> {
  const entry = run.entries[index];
  if (entry?.kind !== "operation" || before?.id === undefined) {
    throw new TypeError(`operation ${index} has created nothing to be completed`);
  }
  const { operation } = entry;
  const patch: BulkOperation = {
    method: "PATCH",
    bulkId: undefined,
    version: undefined,
    path: `${operation.path.replace(/\/$/, "")}/${before.id}`,
    data: { schemas: [patchOpSchema], Operations: [{ op: "add", value: before.lacking ?? {} }] },
  };
  try {
    const answer = await perform(withIds(patch, idIn(run)), index, run);
    const version = answer.version ?? before.result.version;
    return { ...before, result: { ...before.result, version }, lacking: undefined };
  } catch (thrown) {
    throw withoutItsReferences(errorOf(thrown, run).message);
  }
}

function perform(
  operation: BulkOperation,
  index: number,
  { site, context }: BulkRun,
): Promise<OperationAnswer> {
  const warn = (warning: string) => context.warn(`Operations[${index}]: ${warning}`);
  return site.perform(operation, { ...context, warn });
}

/** Finds the ids of what the job has created so far. */
function idIn({ outcomes, places }: BulkRun): (bulkId: string) => string {
  return (bulkId) => {
    const place = places.get(bulkId);
    const name = `bulkId:${printableName(bulkId)}`;
    if (place === undefined) {
      throw new ScimError("invalidValue", `${name}: no POST of the job has this bulkId.`);
    }
    const id = outcomes.get(place)?.id;
    if (id === undefined) {
      throw new ScimError(409, `${name}: the operation that should create it has failed.`);
    }
    return id;
  };
}

function resultOf(
  { method, bulkId, path }: BulkOperation,
  { status, location, version }: OperationAnswer,
  { locationOf }: BulkSite,
): BulkResult {
  const response = undefined;
  return { method, bulkId, location: location ?? locationOf(path), version, status, response };
}

/** The outcome of an operation that has failed; what it had created before is still there, and keeps its location. */
function failed(
  index: number,
  error: ScimError,
  { entries, site, context, outcomes }: BulkRun,
): Outcome {
  const { status, scimType } = error;
  const kind = scimType === undefined ? status : `${status} ${scimType}`;
  context.warn(`Operations[${index}]: ${kind}: ${reasonOf(error)}`);
  const response = errorMessageOf(error);
  const before = outcomes.get(index);
  if (before !== undefined) {
    return { id: before.id, error, result: { ...before.result, status, response } };
  }
  const entry = entries[index];
  const { method, bulkId, path } = (entry?.kind === "operation" ? entry.operation : entry) ?? {};
  const location = method === "POST" || path === undefined ? undefined : site.locationOf(path);
  return { error, result: { method, bulkId, location, version: undefined, status, response } };
}

/** What was thrown as the client is told of it; a defect is kept for the log. */
function errorOf(thrown: unknown, run: BulkRun): ScimError {
  if (thrown instanceof ScimError) {
    return thrown;
  }
  run.defect ??= thrown;
  return new ScimError(500, "Something went wrong inside the service; try again later.");
}

function withoutItsReferences(why: string): ScimError {
  return new ScimError(409, `The resource is there, but without its references to others: ${why}`);
}

/** Whatever waits for references when nothing else is begun stays without them. */
function refuseIncomplete(run: BulkRun): void {
  for (const [index, { lacking, error }] of run.outcomes) {
    if (lacking !== undefined && error === undefined) {
      run.outcomes.set(
        index,
        failed(index, withoutItsReferences("the job has ended before they were set."), run),
      );
    }
  }
}

function refuseTheRest(run: BulkRun): void {
  const error = new ScimError(
    503,
    "The job has run out of time before this operation; send it again.",
    { headers: { "Retry-After": String(retryAfterSeconds) } },
  );
  for (const index of run.entries.keys()) {
    if (!run.outcomes.has(index)) {
      run.outcomes.set(index, failed(index, error, run));
    }
  }
}

function errorsIn({ outcomes }: BulkRun): readonly ScimError[] {
  return [...outcomes.values()].flatMap(({ error }) => error ?? []);
}

function answerOf(run: BulkRun): OperationAnswer {
  const { entries, outcomes, defect } = run;
  const errors = errorsIn(run);
  const [first] = errors;
  if (first !== undefined && errors.length === entries.length && errors.every(isUnavailable)) {
    throw first;
  }
  const results = [...outcomes]
    .toSorted(([one], [other]) => one - other)
    .map(([, { result }]) => result);
  const counts = `${results.length - errors.length} done, ${errors.length} failed`;
  const left = entries.length - results.length;
  return {
    status: 200,
    content: contentOf(bulkResponse(results)),
    note: `bulk of ${entries.length}: ${counts}${left > 0 ? `, ${left} not begun` : ""}`,
    defect,
  };
}

function isUnavailable({ status }: ScimError): boolean {
  return status === 503;
}
