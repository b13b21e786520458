/** `rollcall why`: tells why somebody has a role in a tenant or a team, or what is missing for one. */
import { refusal } from "../domain/refusal.ts";
import type { AccessFact } from "../domain/why-access.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";

/** The commands. */
export const whyCommands: readonly Command[] = [
  {
    usage: "why <tenant> <account> <target>",
    summary:
      "tell why somebody has a role, or what is missing for one; the target is tenant or team:NAME",
    options: [],
    usedBy: "all",
    folder: "need",
    run: tellWhy,
  },
];

async function tellWhy(call: Call): Promise<number> {
  const instance = await call.open();
  const [slug = "", name = "", target = ""] = call.args;
  const tenant = await findTenant(instance.store, slug);
  const { accountId, email } = await findAccount(instance, name);
  const why = await instance.access.explain(tenant, { accountId, target });
  if (why === undefined) {
    throw refusal(`tenant ${slug} or account ${name} is gone`);
  }
  const verdict = why.effective
    ? `${email ?? accountId} is ${why.role ?? ""} of ${target}`
    : `${email ?? accountId} has no role in ${target}`;
  call.answer(why, [
    verdict,
    ...listOf("Because", why.because),
    ...listOf(why.because.length > 0 ? "Missing" : "What is missing", why.missing),
  ]);
  return 0;
}

function listOf(title: string, facts: readonly AccessFact[]): readonly string[] {
  return facts.length === 0
    ? []
    : ["", `${title}:`, ...facts.map((fact) => `  ${fact.text}${sinceOf(fact)}`)];
}

function sinceOf({ since, requestId }: AccessFact): string {
  const request = requestId === null ? "" : `, request ${requestId}`;
  return since === null ? "" : ` (since ${since}${request})`;
}
