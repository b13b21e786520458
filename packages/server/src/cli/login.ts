/** `rollcall login`: lets somebody in who has an ID token, as an application does over the admin API. */
import { loginJsonOf } from "../admin-contract/logins.ts";
import type { LoginRefusal } from "../domain/login.ts";
import { loginRefusals } from "../domain/login.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields } from "./format-table.ts";
import { textOrStdin } from "./text-or-stdin.ts";

/** The commands. */
export const loginCommands: readonly Command[] = [
  {
    usage: "login <tenant>",
    summary: "let somebody in who has an ID token, and show what they may do",
    options: [
      ["--id-token <token>", "the token; - reads it from stdin"],
      ["--nonce <nonce>", "what the token has to repeat"],
    ],
    usedBy: "all",
    folder: "need",
    run: logIn,
  },
];

async function logIn(call: Call): Promise<number> {
  const { store, logins } = await call.open();
  const tenant = await findTenant(store, call.args[0] ?? "");
  const text = call.text("idToken");
  if (text === undefined) {
    throw refusal("say who it is: --id-token with a token, or - for one on stdin");
  }
  const idToken = await textOrStdin(call, "--id-token", text);
  const token = await logins.readToken(tenant, { idToken, nonce: call.text("nonce") });
  if (token.kind === "unavailable") {
    throw refusal(`the keys of the identity provider cannot be read: ${token.why}`);
  }
  if (token.kind === "refused") {
    return answerRefusal(
      call,
      tenant.slug,
      "invalid-token",
      `The ID token is not good: ${token.why}.`,
    );
  }
  const { login } = token;
  const outcome = await logins.logIn(tenant, login);
  if (outcome.kind === "gone") {
    throw refusal(`there is no tenant ${tenant.slug} any more`);
  }
  if (outcome.kind === "refused") {
    return answerRefusal(call, tenant.slug, outcome.reason, loginRefusals[outcome.reason]);
  }
  const shown = loginJsonOf(tenant.slug, outcome, login.warnings);
  const { access } = outcome;
  call.answer(
    shown,
    formatFields([
      ["Account", shown.account?.email ?? shown.account?.id],
      ["Tenant", tenant.slug],
      ["Access", access.state],
      ["Role", access.role],
      ["Teams", access.teams.map(({ teamId, role }) => `${teamId}: ${role}`).join(", ") || "none"],
      ["Joined", shown.joined ? "by this login" : "before"],
      ...login.warnings.map((warning): [string, string] => ["Warning", warning]),
    ]),
  );
  return 0;
}

function answerRefusal(call: Call, slug: string, reason: LoginRefusal, sentence: string): number {
  call.answer(loginJsonOf(slug, { kind: "refused", reason }, []), [`${sentence} (${reason})`]);
  return 1;
}
