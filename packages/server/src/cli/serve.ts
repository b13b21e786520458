/** `rollcall serve`: runs the server until it is asked to stop. */
import type { Rollcall } from "../compose.ts";
import { compose } from "../compose.ts";
import { safeJson } from "../domain/safe-json.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";

/** The commands. */
export const serveCommands: readonly Command[] = [
  {
    usage: "serve",
    summary: "run the server",
    options: [],
    usedBy: "serve",
    folder: "make",
    run: serve,
  },
];

async function serve(call: Call): Promise<number> {
  const { io, config } = call;
  // Asked for first, so that a signal during the start is a stop and no kill.
  const stop = io.stopSignal();
  const rollcall = await compose({ config, writeLog: io.err, now: io.now });
  try {
    const address = await listenOrShowToken(call, rollcall);
    greet(call, rollcall, { address, example: await exampleOf(rollcall.store) });
    const outdated = await Promise.race([untilAborted(stop), rollcall.outdated]);
    if (outdated !== undefined) {
      rollcall.log.warn("stopping", { reason: outdated.message });
      throw outdated;
    }
    rollcall.log.info("stopping");
  } finally {
    await rollcall.close();
  }
  return 0;
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(undefined);
    }
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** The token of the first start was made before anything was listened on, and is nowhere else. */
async function listenOrShowToken(call: Call, rollcall: Rollcall): Promise<string> {
  const { io, json } = call;
  try {
    return await rollcall.listen();
  } catch (error) {
    const { first } = rollcall;
    if (first !== undefined) {
      const lines = tokenLines(first, call);
      io.out(json ? `${safeJson({ token: first.token })}\n` : `${lines.join("\n")}\n`);
    }
    throw error;
  }
}

function tokenLines(
  { token, credential }: NonNullable<Rollcall["first"]>,
  { config }: Call,
): readonly string[] {
  const where = config.databaseUrl === undefined ? "in this data folder" : "on this database";
  return [
    `This is the first start ${where}. Tenant default has the connection default and this token,`,
    `shown this once, good until ${credential.expires?.slice(0, 10)}:`,
    "",
    `  ${token}`,
  ];
}

/** A connection that is there, to show how a token is made. */
async function exampleOf({ tenants, connections }: Store): Promise<string> {
  const [tenant] = await tenants.list();
  const [connection] = tenant === undefined ? [] : await connections.list(tenant.tenantId);
  return `${tenant?.slug ?? "TENANT"}/${connection?.slug ?? "CONNECTION"}`;
}

/** The ready line comes last: whoever waits for it has read the token by then. */
function greet(
  call: Call,
  rollcall: Rollcall,
  { address, example }: { readonly address: string; readonly example: string },
): void {
  const { io, json } = call;
  const { first } = rollcall;
  const url = rollcall.scimUrl();
  if (json) {
    const token = first === undefined ? {} : { token: first.token };
    io.out(`${safeJson({ address, baseUrl: url, ...token })}\n`);
    return;
  }
  const { where, command } = commandForms(call);
  const lines =
    first === undefined
      ? [
          `SCIM base URL: ${url}`,
          `A token is shown once, when it is made. To make another one${where}:`,
          "",
          `  ${command(`token create ${example}`)}`,
        ]
      : [
          ...tokenLines(first, call),
          "",
          "Try it:",
          "",
          `  curl -H 'Authorization: Bearer ${first.token}' ${url}/Users`,
          "",
          `Put the base URL ${url} and the token into your identity provider. Later on${where}:`,
          "",
          `  ${command("token create default/default")}`,
          `  ${command("connection create default --profile okta")}`,
          `  ${command("log --follow")}`,
        ];
  io.out(`${[...lines, "", `rollcall listening on ${address}`].join("\n")}\n`);
}

/** How commands are written that find the same data. The database URL may hold a password and is not repeated. */
function commandForms({ io, config }: Call): {
  readonly where: string;
  readonly command: (words: string) => string;
} {
  const { databaseUrl, pepper, data } = config;
  const same = [
    ...(databaseUrl === undefined ? [] : ["ROLLCALL_DATABASE_URL"]),
    ...(pepper === undefined ? [] : ["ROLLCALL_PEPPER"]),
  ];
  const folder = same.length === 2 ? "" : ` --data ${data}`;
  return {
    where: same.length === 0 ? "" : `, with the same ${same.join(" and ")}`,
    command: (words) => `${io.program} ${words}${folder}`,
  };
}
