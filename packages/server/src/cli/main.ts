/** The command line: the table of all commands, made into a program that says what is wrong in one line. */
import { existsSync, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { ScimError } from "@rollcall/scim";
import { CommanderError, Command as Program } from "commander";
import type { Instance } from "../compose.ts";
import { isWithoutDatabase, missingData, openInstance, rollcallVersion } from "../compose.ts";
import type { Config } from "../config/config.ts";
import { readConfig, settings } from "../config/config.ts";
import { isRefusal, refusal } from "../domain/refusal.ts";
import { safeJson } from "../domain/safe-json.ts";
import { accessCommands } from "./access.ts";
import { accountCommands } from "./account.ts";
import { adminTokenCommands } from "./admin-token.ts";
import { auditCommands } from "./audit.ts";
import { backupCommands } from "./backup.ts";
import { checkCommands } from "./check.ts";
import type { Call, Command, Io } from "./command.ts";
import { connectionCommands } from "./connection.ts";
import { doctorCommands } from "./doctor.ts";
import { domainCommands } from "./domain.ts";
import { eventCommands } from "./event.ts";
import { eventStreamCommands } from "./event-stream.ts";
import { exportCommands } from "./export.ts";
import { grantCommands } from "./grant.ts";
import { importCommands } from "./import.ts";
import { invitationCommands } from "./invitation.ts";
import { lockCommands } from "./lock.ts";
import { logCommands } from "./log.ts";
import { loginCommands } from "./login.ts";
import { mailCommands } from "./mail.ts";
import { mappingCommands } from "./mapping.ts";
import { memberCommands } from "./member.ts";
import { membershipCommands } from "./membership.ts";
import { migrateCommands } from "./migrate.ts";
import { oauthClientCommands } from "./oauth-client.ts";
import { oidcCommands } from "./oidc.ts";
import { processIo } from "./process-io.ts";
import { reconcileCommands } from "./reconcile.ts";
import { recordCommands } from "./record.ts";
import { replayCommands } from "./replay.ts";
import { resourceCommands } from "./resource.ts";
import { serveCommands } from "./serve.ts";
import { simulateCommands } from "./simulate.ts";
import { teamCommands } from "./team.ts";
import { tenantCommands } from "./tenant.ts";
import { tokenCommands } from "./token.ts";
import { webhookCommands } from "./webhook.ts";
import { whyCommands } from "./why.ts";

/** Every command. */
export const commands: readonly Command[] = [
  ...serveCommands,
  ...tenantCommands,
  ...connectionCommands,
  ...tokenCommands,
  ...oauthClientCommands,
  ...adminTokenCommands,
  ...resourceCommands,
  ...accountCommands,
  ...memberCommands,
  ...membershipCommands,
  ...lockCommands,
  ...teamCommands,
  ...mappingCommands,
  ...grantCommands,
  ...reconcileCommands,
  ...accessCommands,
  ...whyCommands,
  ...oidcCommands,
  ...loginCommands,
  ...invitationCommands,
  ...domainCommands,
  ...logCommands,
  ...auditCommands,
  ...eventCommands,
  ...webhookCommands,
  ...eventStreamCommands,
  ...mailCommands,
  ...importCommands,
  ...exportCommands,
  ...backupCommands,
  ...doctorCommands,
  ...migrateCommands,
  ...replayCommands,
  ...recordCommands,
  ...simulateCommands,
  ...checkCommands,
];

/** What the nouns are, for help. */
const nounSummaries: Readonly<Record<string, string>> = {
  tenant: "organisations whose directories are provisioned",
  connection: "identity providers of a tenant and their settings",
  token: "bearer tokens of a connection",
  "admin-token": "bearer tokens of the admin API",
  user: "users that a connection has provisioned",
  group: "groups that a connection has provisioned",
  account: "people on the platform, members of any number of tenants",
  member: "people in a tenant, with role, link and locks",
  membership: "what the link to leave in a mail does",
  lock: "reasons why members are suspended",
  team: "units of the application in which members have roles",
  mapping: "which groups give which roles",
  grant: "roles that are given by hand, in a team or in the tenant",
  oidc: "how the people of a tenant log in",
  invitation: "invitations of people to a tenant, and what their links do",
  domain: "e-mail domains of a tenant and their verification",
  audit: "what was done in a tenant, by whom and when",
  event: "what the application is told",
  webhook: "who is told of it, and what became of each delivery",
  mail: "mails to people, waiting and sent",
};

const usageExitCode = 2;

/** Runs one command line, without the name of the program; answers with the exit code and never throws. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const outcome = { exitCode: 0 };
  try {
    const program = programOf(io, (exitCode) => {
      outcome.exitCode = exitCode;
    });
    await program.parseAsync([...argv], { from: "user" });
    return outcome.exitCode;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

function exitCodeOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong already; help and version are no errors.
    return error.exitCode === 0 ? 0 : usageExitCode;
  }
  if (isRefusal(error) || error instanceof ScimError) {
    io.err(`rollcall: ${error.message}\n`);
    return 1;
  }
  io.err(`rollcall: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

function programOf(io: Io, onExit: (exitCode: number) => void): Program {
  const program = new Program("rollcall")
    .description("A SCIM 2.0 provisioning server: any identity provider's sync converges.")
    .version(rollcallVersion(), "-V, --version", "print the version")
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(rollcall --help lists the commands, each has a --help of its own)")
    .enablePositionalOptions()
    .exitOverride();
  const nouns = new Map<string, Program>();
  for (const command of commands) {
    const [verb, ...rest] = command.usage.split(" ");
    const isPlain = rest[0] === undefined || rest[0].startsWith("<");
    const parent = isPlain ? program : nounOf(verb ?? "", program, nouns);
    const added = addCommand(parent, isPlain ? command.usage : rest.join(" "), command, io, onExit);
    if (isPlain && isNoun(verb ?? "")) {
      // It takes its own options before the word that begins another command, and none behind it.
      nouns.set(verb ?? "", added.enablePositionalOptions());
    }
  }
  return program;
}

/** Tells whether other commands begin with a word; the one that is nothing but the word stands before them. */
function isNoun(word: string): boolean {
  return commands.some(({ usage }) => {
    const [verb, next = "<"] = usage.split(" ");
    return verb === word && !next.startsWith("<");
  });
}

function nounOf(name: string, program: Program, nouns: Map<string, Program>): Program {
  const noun = nouns.get(name) ?? program.command(name).description(nounSummaries[name] ?? "");
  nouns.set(name, noun);
  return noun;
}

function addCommand(
  parent: Program,
  usage: string,
  command: Command,
  io: Io,
  onExit: (exitCode: number) => void,
): Program {
  const program = parent.command(usage).description(command.summary);
  for (const [flags, sentence] of command.options) {
    addOption(program, flags, sentence);
  }
  for (const { flag, env, sentence, defaultText, usedBy } of settings) {
    const isTaken = command.usedBy === "serve" || command.usedBy === usedBy;
    if (flag !== undefined && isTaken) {
      addOption(program, flag, `${sentence} (default: ${defaultText}; env: ${env})`);
    }
  }
  program.option("--json", "answer in JSON");
  program.action(async (...given: unknown[]) => {
    onExit(await runCommand(command, program, given, io));
  });
  return program;
}

function addOption(program: Program, flags: string, sentence: string): void {
  if (flags.endsWith("...>")) {
    // Commander would take the arguments behind it for more values.
    program.option(flags.replace("...", ""), `${sentence}; can be given several times`, added);
  } else {
    program.option(flags, sentence);
  }
}

function added(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

async function runCommand(
  command: Command,
  program: Program,
  given: readonly unknown[],
  io: Io,
): Promise<number> {
  const options = program.opts<Record<string, unknown>>();
  // A setting that is wrong does not concern a command that has no use for it.
  const reading =
    command.usedBy === "none"
      ? readConfig({ flags: {}, env: {} }, "all")
      : readConfig({ flags: options, env: io.env }, command.usedBy);
  if (reading.kind === "problems") {
    io.err(reading.problems.map((problem) => `rollcall: ${problem}\n`).join(""));
    return usageExitCode;
  }
  checkData(reading.config, command);
  const opened: { instance?: Instance } = {};
  const open = async (): Promise<Instance> => {
    if (command.folder === "none") {
      throw new TypeError(`${command.usage} does without data`);
    }
    opened.instance ??= await openData(reading.config, command, io);
    return opened.instance;
  };
  const args = given
    .slice(0, -2)
    .flat()
    // An argument that may be left out and was.
    .filter((argument) => argument !== undefined)
    .map(String);
  try {
    return await command.run({ ...callOf(options, io), config: reading.config, args, open });
  } finally {
    await opened.instance?.close();
  }
}

function callOf(
  options: Readonly<Record<string, unknown>>,
  io: Io,
): Omit<Call, "config" | "args" | "open"> {
  const json = options["json"] === true;
  return {
    io,
    json,
    text: (name) => (typeof options[name] === "string" ? options[name] : undefined),
    list: (name) => (Array.isArray(options[name]) ? options[name].map(String) : []),
    has: (name) => options[name] === true,
    answer(value, lines) {
      io.out(`${json ? safeJson(value, 2) : lines.join("\n")}\n`);
    },
  };
}

function checkData(config: Config, { folder }: Command): void {
  const missing = folder === "need" ? missingData(config) : undefined;
  if (missing !== undefined) {
    throw refusal(missing);
  }
}

/** A mistyped folder shall not become one with an empty database. */
async function openData(config: Config, { folder }: Command, io: Io): Promise<Instance> {
  if (folder === "need" && isWithoutDatabase(config)) {
    throw refusal(
      `the folder ${config.data} has no database: give another --data, or make one with rollcall serve`,
    );
  }
  const { now, resolveTxt } = io;
  const resolving = resolveTxt === undefined ? {} : { resolveTxt };
  return await openInstance(config, { role: "cli", now, ...resolving });
}

/**
 * By how many percent the heap may grow beyond what was in use before it is collected anew. V8 lets it become a multiple:
 * a server under mixed load on 100,000 users took 312 MiB at its most, and takes 240 MiB like this.
 */
const heapGrowingPercent = 40;

if (process.argv[1] !== undefined && isThisFile(process.argv[1])) {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  process.exitCode = await main(process.argv.slice(2));
}

/** The installed command is a link to this file. */
function isThisFile(path: string): boolean {
  return existsSync(path) && pathToFileURL(realpathSync(path)).href === import.meta.url;
}
