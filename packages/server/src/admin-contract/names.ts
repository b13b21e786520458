/** Schemas of what operators name: slugs, names and lifetimes. */
import { z } from "zod";
import { nameProblemOf } from "../domain/checked-name.ts";
import { lifetimeDaysDefault, parseLifetime } from "../domain/credential.ts";
import { slugLengthMax, slugProblemOf } from "../domain/tenant.ts";

/** A slug: what is unique and stands in paths. */
export const slugSchema: z.ZodString = z
  .string()
  .superRefine((slug, context) => addProblem(context, slugProblemOf(slug)))
  .describe(`Up to ${slugLengthMax} lower-case letters, digits and single hyphens between them`);

/** A name for people. */
export const nameSchema: z.ZodString = z
  .string()
  .superRefine((name, context) => addProblem(context, nameProblemOf(name)));

const lifetimeSchema = z.string().superRefine((text, context) => {
  const lifetime = parseLifetime(text);
  addProblem(context, lifetime.kind === "problem" ? lifetime.problem : undefined);
});

/** How long a token lives, `365d` or `never`, where it may be left out. */
export const lifetimeMember: z.ZodType<string | undefined> = lifetimeSchema
  .optional()
  .describe(`30d to 730d, or never; ${lifetimeDaysDefault}d by default`);

function addProblem(
  context: { addIssue(message: string): void },
  problem: string | undefined,
): void {
  if (problem !== undefined) {
    context.addIssue(problem);
  }
}
