/** What a change of access does to people, or would do, for a person to read. */
import type { ActivationSummary } from "../domain/activation-summary.ts";
import type { CountsByTarget, PreviewSummary } from "../domain/preview-summary.ts";
import type { Command } from "./command.ts";
import { formatTable } from "./format-table.ts";

/** The option that takes the token of a preview. */
export const previewTokenOption: Command["options"][number] = [
  "--preview-token <token>",
  "refuse unless it does just what that preview has shown",
];

/** Counts of moves, in one line and one for each target. */
export function countLines(counts: CountsByTarget): readonly string[] {
  const { byTarget, joins, losses, changes } = counts;
  return [
    `${joins} joined, ${losses} lost, ${changes} changed.`,
    ...Object.entries(byTarget).map(
      ([target, own]) =>
        `  ${target}: ${own.joins} joined, ${own.losses} lost, ${own.changes} changed`,
    ),
  ];
}

/** Who moves, line by line; an account that is to be made has no id yet. */
export function moveLines({
  joins,
  losses,
  changes,
  retained,
}: {
  readonly joins: readonly MoveRow[];
  readonly losses: readonly MoveRow[];
  readonly changes: readonly ChangeRow[];
  readonly retained?: PreviewSummary["retained"];
}): readonly string[] {
  const rows = [
    ...joins.map((move) => ["joins", personOf(move), move.target, move.role]),
    ...losses.map((move) => ["loses", personOf(move), move.target, move.role]),
    ...changes.map((move) => ["changes", personOf(move), move.target, `${move.from} → ${move.to}`]),
    ...(retained ?? []).map((person) => ["keeps", personOf(person), "tenant", ""]),
  ];
  return rows.length === 0 ? [] : [...formatTable(["", "PERSON", "TARGET", "ROLE"], rows), ""];
}

interface PersonRow {
  readonly accountId: string | null;
  readonly email: string | null;
}

interface MoveRow extends PersonRow {
  readonly target: string;
  readonly role: string;
}

interface ChangeRow extends PersonRow {
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

function personOf({ email, accountId }: PersonRow): string {
  return email ?? accountId ?? "somebody without address";
}

/** A preview with the token that makes it come true. */
export function previewLines(preview: PreviewSummary): readonly string[] {
  return [
    ...moveLines(preview),
    ...countLines(preview.counts),
    "",
    `Give --preview-token ${preview.token} to do just this.`,
  ];
}

/** What becomes of Users that wait, beside what becomes of members. */
export function activationLines(
  summary: Omit<ActivationSummary, "left"> & { readonly left?: number },
): readonly string[] {
  const { attached, mails, pending, refused, left = 0 } = summary;
  const users = [
    ...pending.map(({ id, userName }) => [id, userName ?? "", "is invited"]),
    ...refused.map(({ id, userName, reason }) => [id, userName ?? "", reasons[reason]]),
  ];
  return [
    ...moveLines(summary),
    ...(users.length === 0 ? [] : [...formatTable(["USER", "USERNAME", "STAYS"], users), ""]),
    ...countLines(summary.counts),
    `${attached} attached, ${pending.length} invited, ${refused.length} refused, ${mails} mails.`,
    ...(left === 0 ? [] : [`${left} were not looked at.`]),
  ];
}

const reasons = {
  policy: "refused by the attach policy",
  taken: "its account has another user of the connection",
  declined: "the person has left or declined",
} as const;
