/** `rollcall record`: writes down what a client sends to a SCIM server, masked, as a flow that `rollcall replay` takes. */
import { existsSync, writeFileSync } from "node:fs";
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import { createRecording } from "../probe/flow/record-flow.ts";
import type { RecordingProxy } from "../probe/flow/recording-proxy.ts";
import { startRecordingProxy } from "../probe/flow/recording-proxy.ts";
import type { Call, Command } from "./command.ts";
import { scimBaseUrl } from "./scim-target.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** The commands. */
export const recordCommands: readonly Command[] = [
  {
    usage: "record",
    summary:
      "pass a client's requests on to a SCIM server until Ctrl-C, and write them into a file for replay: names, addresses and secrets replaced by invented ones",
    options: [
      ["--target <url>", "the SCIM base URL that requests are passed on to"],
      ["--out <file>", "the file to write; there must be none yet"],
      ["--port <port>", "the port to listen on; 0 takes any (default: 8481)"],
      ["--host <host>", "the address to listen on (default: 127.0.0.1)"],
      ["--idp <name>", "what the flow calls the client (default: unknown)"],
      ["--scenario <name>", "what the flow calls what happens (default: recorded)"],
    ],
    usedBy: "none",
    folder: "none",
    run: record,
  },
];

async function record(call: Call): Promise<number> {
  const { io } = call;
  const target = scimBaseUrl("--target", call.text("target"));
  const out = fileToMake(call.text("out"));
  // Asked for first, so that a signal during the start is a stop and no kill.
  const stop = io.stopSignal();
  const recording = createRecording({
    baseUrl: target,
    idp: call.text("idp") ?? "unknown",
    scenario: call.text("scenario") ?? "recorded",
    source: "recorded with rollcall record; personal values are invented",
  });
  const proxy = await startProxy(call, target, recording.add);
  // Not on stdout, which may be JSON.
  io.err(
    `rollcall records on ${proxy.url}: give the client this as SCIM base URL, and end with Ctrl-C\n`,
  );
  await new Promise<void>((resolve) => {
    if (stop.aborted) {
      resolve();
    }
    stop.addEventListener("abort", () => resolve());
  });
  await proxy.close();
  const flow = recording.flow();
  writeFileSync(out, `${JSON.stringify([flow], null, 2)}\n`, { flag: "wx" });
  const fixtures = flow.steps.filter(({ kind }) => kind === "setup").length;
  call.answer({ file: out, requests: recording.count, fixtures }, [
    `${recording.count} requests in ${out}, and ${fixtures} resources that were there before.`,
    "Look through the file before you give it away: what is personal in a value of an unusual shape only you can see.",
  ]);
  return 0;
}

async function startProxy(
  call: Call,
  target: string,
  onExchange: Parameters<typeof startRecordingProxy>[0]["onExchange"],
): Promise<RecordingProxy> {
  const host = call.text("host") ?? "127.0.0.1";
  const port = wholeNumberOption(call, "port", 8481, 0, 65_535);
  const onFailure = (problem: string) => call.io.err(`rollcall: ${cleanText(problem, 500)}\n`);
  try {
    return await startRecordingProxy({ target, host, port, onExchange, onFailure });
  } catch (error) {
    throw refusal(
      `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function fileToMake(file: string | undefined): string {
  if (file === undefined) {
    throw refusal("--out: say into which file the flow is written");
  }
  if (existsSync(file)) {
    throw refusal(`${file} is there already: give --out a new name`);
  }
  return file;
}
