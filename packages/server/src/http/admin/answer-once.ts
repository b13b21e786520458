/** Answers a POST with an Idempotency-Key once: repeated, it gets the first answer again and changes nothing. */
import { problemTypes } from "../../admin-contract/problem.ts";
import { idempotencyHours } from "../../provisioning/prune-old-records.ts";
import type { TextSeal } from "../../provisioning/sealed-text.ts";
import type { IdempotencyClaim, Store } from "../../store/store.ts";
import type { JsonLog } from "../json-log.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { invalidRequest, problem } from "./problem.ts";

/** After how long without answer a key is free again: whoever had it must have crashed. */
const underWayMsMax = 60_000;
const hourMs = 3_600_000;

/** An answer that can be kept. */
export interface KeepableAnswer {
  readonly status: number;
  /** JSON, or empty for none. */
  readonly text: string;
}

/** What it needs. */
export interface AnswerOnceParts {
  readonly store: Store;
  /** Answers may show a token, so they are kept sealed. */
  readonly answerSeal: TextSeal;
  readonly requestHash: (text: string) => string;
  readonly log: Pick<JsonLog, "error">;
}

/** A request that may come again. */
export interface RepeatableRequest {
  readonly key: string;
  readonly caller: Pick<AdminCaller, "credentialId">;
  /** All that makes it this request and no other. */
  readonly text: string;
  readonly nowMs: number;
}

/** Does the work unless it was done before. What fails changes nothing and leaves the key free. */
export async function answerOnce(
  request: RepeatableRequest,
  work: () => Promise<KeepableAnswer>,
  parts: AnswerOnceParts,
): Promise<KeepableAnswer & { readonly isRepeated: boolean }> {
  const { idempotencyKeys } = parts.store;
  const claim = claimOf(request, parts);
  const verdict = await idempotencyKeys.claim(claim, {
    rememberedSince: new Date(request.nowMs - idempotencyHours * hourMs).toISOString(),
    underWaySince: new Date(request.nowMs - underWayMsMax).toISOString(),
  });
  switch (verdict.kind) {
    case "answered": {
      const { status, body } = verdict.answer;
      return { status, text: openedAnswer(body, claim, parts), isRepeated: true };
    }
    case "other-request":
      throw problem(422, "The Idempotency-Key was used for another request.", {
        type: problemTypes.keyUsedBefore,
      });
    case "under-way":
      throw problem(409, "A request with the same Idempotency-Key is under way.", {
        type: problemTypes.keyUnderWay,
        headers: { "Retry-After": "1" },
      });
    case "claimed":
      return { ...(await answerClaimed(claim, work, parts)), isRepeated: false };
  }
}

function claimOf(
  { key, caller, text, nowMs }: RepeatableRequest,
  { requestHash }: AnswerOnceParts,
): IdempotencyClaim {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const detail = "expected 1 to 255 visible ASCII characters";
    throw invalidRequest([{ path: "Idempotency-Key", detail }]);
  }
  return {
    credentialId: caller.credentialId,
    key,
    requestHash: requestHash(text),
    at: new Date(nowMs).toISOString(),
  };
}

async function answerClaimed(
  claim: IdempotencyClaim,
  work: () => Promise<KeepableAnswer>,
  { store: { idempotencyKeys }, answerSeal, log }: AnswerOnceParts,
): Promise<KeepableAnswer> {
  // What cannot be noted must not hide what was done, or why it was not.
  const noted = (note: Promise<void>) =>
    note.catch((error: unknown) => log.error("an idempotency key could not be noted", error));
  try {
    const answer = await work();
    const body = answerSeal.seal(answer.text, placeOf(claim));
    await noted(idempotencyKeys.settle(claim, { status: answer.status, body }));
    return answer;
  } catch (error) {
    await noted(idempotencyKeys.release(claim));
    throw error;
  }
}

function openedAnswer(
  sealed: string,
  claim: IdempotencyClaim,
  { answerSeal }: AnswerOnceParts,
): string {
  const text = answerSeal.open(sealed, placeOf(claim));
  if (text === undefined) {
    throw problem(409, "The request was answered before, and that answer cannot be read any more.");
  }
  return text;
}

function placeOf({ credentialId, key }: IdempotencyClaim): string {
  return `${credentialId} ${key}`;
}
