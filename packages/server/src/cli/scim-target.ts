/** The options `--url` and `--token`: which SCIM service provider a command talks to, and as whom. */
import { refusal } from "../domain/refusal.ts";
import type { Target } from "../probe/target.ts";
import type { Call, Command } from "./command.ts";
import { textOrStdin } from "./text-or-stdin.ts";

/** The options. */
export const scimTargetOptions: Command["options"] = [
  ["--url <url>", "the SCIM base URL, such as https://scim.example.com/scim/v2"],
  [
    "--token <token>",
    "the bearer token; - reads it from stdin, where no list of processes shows it",
  ],
];

/** Reads both; a server may do without a token. */
export async function scimTarget(call: Call): Promise<Target> {
  return { baseUrl: scimBaseUrl("--url", call.text("url")), token: await tokenOption(call) };
}

/** Reads the option `--token`. */
export async function tokenOption(call: Call): Promise<string | undefined> {
  const token = call.text("token");
  return token === undefined ? undefined : textOrStdin(call, "--token", token);
}

/** Reads a SCIM base URL: absolute, http or https, without a query; the slash at the end is cut. */
export function scimBaseUrl(name: string, text: string | undefined): string {
  if (text === undefined || !/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw refusal(`${name}: expected the URL of a SCIM service provider, such as ${example}`);
  }
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "" || url.username !== "") {
    throw refusal(`${name}: a SCIM base URL has no query, fragment or password`);
  }
  return text.replace(/\/+$/, "");
}

const example = "http://localhost:8480/scim/v2";
