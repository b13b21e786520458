/** Statements with what is made of their results, so that several questions are one step. */
import type { Script, StatementResult } from "./script.ts";
import type { Statement } from "./statement.ts";

/** Statements and what their results come to. */
export interface Asked<Answer> {
  readonly statements: readonly Statement[];
  /** Reads the results of the statements, in their order. */
  readonly answer: (results: readonly StatementResult[]) => Answer;
}

/** A question that needs no statement. */
export function known<Answer>(answer: Answer): Asked<Answer> {
  return { statements: [], answer: () => answer };
}

/** Several questions, answered in one step. */
export function allAsked<Answers extends Readonly<Record<string, unknown>>>(
  questions: {
    readonly [Name in keyof Answers]: Asked<Answers[Name]>;
  },
): Asked<Answers> {
  const entries: readonly (readonly [string, Asked<unknown>])[] = Object.entries(questions);
  return {
    statements: entries.flatMap(([, { statements }]) => statements),
    answer: (results) => {
      let from = 0;
      const answers = entries.map(([name, { statements, answer }]) => {
        const to = from + statements.length;
        const answered = [name, answer(results.slice(from, to))] as const;
        from = to;
        return answered;
      });
      // Every name of the questions has its answer.
      return Object.fromEntries(answers) as Answers;
    },
  };
}

/** Asks. */
export function* ask<Answer>({ statements, answer }: Asked<Answer>): Script<Answer> {
  return answer(statements.length === 0 ? [] : yield statements);
}
