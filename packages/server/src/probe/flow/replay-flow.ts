/** Replays a recorded flow against a service provider and lists what the client could not cope with. */
import { isRefusal } from "../../domain/refusal.ts";
import { realPatience, untilTaken } from "../patience.ts";
import type { Answer, SentRequest, Target } from "../target.ts";
import { memberAt, send, silenceOf } from "../target.ts";
import type { Placeholders } from "./fill-placeholders.ts";
import { createPlaceholders, fillJson, fillText, withIndex } from "./fill-placeholders.ts";
import type { Flow, FlowStep } from "./flow.ts";
import { mismatchOf } from "./mismatch-of.ts";

/** Replays all steps, also after a failed one; answers with the problems, none when all went well. */
export async function replayFlow(
  { steps }: Flow,
  target: Target,
  token2: string,
): Promise<readonly string[]> {
  const facts = { base: target.baseUrl, token: String(target.token), token2 };
  const placeholders = createPlaceholders(facts);
  const problems: string[] = [];
  for (const [index, step] of steps.entries()) {
    const name = `step ${index} ${step.kind ?? "client"} ${step.method} ${step.path}`;
    for (const problem of new Set(await replayStep(step, placeholders, target))) {
      problems.push(`${name}: ${problem}`);
    }
  }
  return problems;
}

/** Sends a step as often as it wants. */
async function replayStep(
  step: FlowStep,
  placeholders: Placeholders,
  target: Target,
): Promise<readonly string[]> {
  if (step.repeat === undefined) {
    return sendStep(step, placeholders, target);
  }
  const { from, to, parallel } = step.repeat;
  const rounds = Array.from({ length: to - from + 1 }, (_, n) => withIndex(placeholders, from + n));
  const sendRound = (round: Placeholders) => sendStep(step, round, target);
  if (parallel) {
    return (await Promise.all(rounds.map(sendRound))).flat();
  }
  const problems: string[] = [];
  for (const round of rounds) {
    problems.push(...(await sendRound(round)));
  }
  return problems;
}

/** Sends a step once; its headers are the client's, with nothing added. */
async function sendStep(
  step: FlowStep,
  placeholders: Placeholders,
  target: Target,
): Promise<readonly string[]> {
  const request = requestOf(step, placeholders);
  if (typeof request === "string") {
    return [request];
  }
  try {
    // Whoever replays quicker than the client was shall not be told of limits that it did not meet.
    const isAsked = step.expect.status.some((status) => status === 429 || status === 503);
    const attempt = () => send(target, request);
    const answer = isAsked ? await attempt() : await untilTaken(attempt, realPatience);
    for (const [name, path] of Object.entries(step.save ?? {})) {
      const value = memberAt(answer.body, path);
      if (value !== undefined) {
        placeholders.keep(name, String(value));
      }
    }
    return problemsOf(step, answer, placeholders);
  } catch (error) {
    return [silenceOf(error)];
  }
}

/** The request of a step, or why it cannot be sent: an earlier answer had no value that it needs. */
function requestOf(step: FlowStep, placeholders: Placeholders): SentRequest | string {
  try {
    const headers = Object.entries(step.headers).map(
      ([name, value]) => [name.toLowerCase(), fillText(value, placeholders)] as const,
    );
    return {
      method: step.method,
      path: fillText(step.path, placeholders, encodeURIComponent),
      headers: Object.fromEntries(headers.filter(([, value]) => value !== "")),
      body: bodyOf(step, placeholders),
    };
  } catch (error) {
    if (isRefusal(error)) {
      return `cannot be sent: ${error.message}`;
    }
    throw error;
  }
}

function bodyOf(step: FlowStep, placeholders: Placeholders): string | undefined {
  if (step.body === null || step.body === undefined) {
    return undefined;
  }
  return step.raw ? String(step.body) : JSON.stringify(fillJson(step.body, placeholders));
}

/** What is wrong with an answer in the eyes of the client. */
function problemsOf(
  { method, expect: wanted }: FlowStep,
  answer: Answer,
  placeholders: Placeholders,
): readonly string[] {
  const { status, bodyContains, headers = {} } = wanted;
  if (!status.includes(answer.status)) {
    const detail = memberAt(answer.body, "detail");
    const said = detail === undefined ? "" : ` (${detail})`;
    return [`status ${answer.status}${said}, wanted ${status.join(" or ")}`];
  }
  const empty = answer.text === "";
  const looksAtBody = !empty || wanted.bodyRequired === true || method === "GET";
  const problems = [
    wanted.bodyEmpty && !empty ? "the body should be empty" : undefined,
    empty && (wanted.bodyRequired || answer.status === 200) ? "a body is missing" : undefined,
    !empty && answer.body === undefined ? "the body is not JSON" : undefined,
    bodyContains !== undefined && looksAtBody
      ? mismatchOf(fillJson(bodyContains, placeholders), answer.body)
      : undefined,
    ...Object.entries(headers).map(([name, part]) =>
      answer.headers.get(name)?.includes(part)
        ? undefined
        : `header ${name} is ${answer.headers.get(name)}, which lacks ${part}`,
    ),
  ];
  return problems.filter((problem) => problem !== undefined);
}
