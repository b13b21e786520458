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
    await new Promise<void>((resolve) => {
      if (stop.aborted) {
        resolve();
      }
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    rollcall.log.info("stopping");
  } finally {
    await rollcall.close();
  }
  return 0;
}

/** The token of the first start was made before anything was listened on, and is nowhere else. */
async function listenOrShowToken({ io, json }: Call, rollcall: Rollcall): Promise<string> {
  try {
    return await rollcall.listen();
  } catch (error) {
    const { first } = rollcall;
    if (first !== undefined) {
      io.out(json ? `${safeJson({ token: first.token })}\n` : `${tokenLines(first).join("\n")}\n`);
    }
    throw error;
  }
}

function tokenLines({ token, credential }: NonNullable<Rollcall["first"]>): readonly string[] {
  return [
    "This is the first start in this data folder. Tenant default has the connection default and this token,",
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
  { io, json, config }: Call,
  rollcall: Rollcall,
  { address, example }: { readonly address: string; readonly example: string },
): void {
  const { first } = rollcall;
  const { program } = io;
  const url = rollcall.scimUrl();
  if (json) {
    const token = first === undefined ? {} : { token: first.token };
    io.out(`${safeJson({ address, baseUrl: url, ...token })}\n`);
    return;
  }
  const lines =
    first === undefined
      ? [
          `SCIM base URL: ${url}`,
          "A token is shown once, when it is made. To make another one:",
          "",
          `  ${program} token create ${example} --data ${config.data}`,
        ]
      : [
          ...tokenLines(first),
          "",
          "Try it:",
          "",
          `  curl -H 'Authorization: Bearer ${first.token}' ${url}/Users`,
          "",
          `Put the base URL ${url} and the token into your identity provider. Later on:`,
          "",
          `  ${program} token create default/default --data ${config.data}`,
          `  ${program} connection create default --profile okta --data ${config.data}`,
          `  ${program} log --follow --data ${config.data}`,
        ];
  io.out(`${[...lines, "", `rollcall listening on ${address}`].join("\n")}\n`);
}
