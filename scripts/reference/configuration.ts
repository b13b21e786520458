/** Derives docs/reference/configuration.md: settings of the server, settings of connections, client profiles. */
import {
  clientProfileNamed,
  clientProfileNames,
  clientSettingsOf,
  defaultClientSettings,
} from "@rollcall/scim";
import { settings } from "../../packages/server/src/config/config.ts";

/** Writes the page. */
export function formatConfiguration(): string {
  return `# Configuration

Made by \`npm run docs\` from the code; do not edit.

## The server

A flag wins over its environment variable, which wins over the default. A secret may also stand in the file that the variable with \`_FILE\` at its end names.

| flag | variable | default | what |
|---|---|---|---|
${settings
  .map(
    ({ flag, env, defaultText, sentence, secret }) =>
      `| ${flag === undefined ? "–" : `\`${flag}\``} | \`${env}\`${secret ? `, \`${env}_FILE\`` : ""} | ${defaultText} | ${sentence} |`,
  )
  .join("\n")}

## Connections

\`rollcall connection set TENANT/CONNECTION KEY=VALUE\` changes one; the value \`default\` goes back to what the profile says.

| setting | default | what |
|---|---|---|
${Object.entries(defaultClientSettings)
  .map(([key, value]) => `| \`${key}\` | ${shown(value)} | ${sentences.get(key) ?? ""} |`)
  .join("\n")}

## Client profiles

A profile is defaults for these settings, and rewrites of what the client is known to send.

| profile | client | settings that differ | rewrites |
|---|---|---|---|
${clientProfileNames.map(profileRow).join("\n")}
`;
}

/** What each setting of a connection does, in a sentence. */
const sentences: ReadonlyMap<string, string> = new Map([
  [
    "strict",
    "The RFCs to the letter: 400 for wrong or missing `schemas`, bare words in filters, booleans as text, PATCH paths to unknown attributes and value paths without match",
  ],
  [
    "adoption",
    "What a POST does that meets somebody with the same externalId, or with the same name and none: `always` adopts (200), `inactive-only` adopts those who are inactive, `never` answers 409",
  ],
  ["uniqueExternalId", "No two resources of a type share an externalId"],
  ["uniqueGroupNames", "No two groups share a name, in any case"],
  [
    "putWithoutMembers",
    "What PUT on a group does to its members when the body has none: `keep` or `clear`",
  ],
  [
    "groupPatchAnswer",
    "How PATCH on a group answers: `auto` is 200 with the group up to 1,000 members and 204 above, or always `200`, or `204`",
  ],
  ["strictReferences", "Unknown member ids are refused instead of skipped with a warning"],
  ["unqualifiedExtensionNames", "Extension attributes are found without their URN"],
]);

function profileRow(name: (typeof clientProfileNames)[number]): string {
  const profile = clientProfileNamed(name);
  const effective = new Map<string, unknown>(Object.entries(clientSettingsOf(profile, {})));
  const differing = Object.entries(defaultClientSettings)
    .filter(([key, value]) => effective.get(key) !== value)
    .map(([key]) => `\`${key}=${shown(effective.get(key))}\``);
  const rewrites = profile.rewrites.map((rewrite) => `\`${rewrite.name}\``);
  return `| \`${name}\` | ${profile.title} | ${differing.join(", ") || "–"} | ${rewrites.join(", ") || "–"} |`;
}

function shown(value: unknown): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
