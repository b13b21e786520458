/** The report of `rollcall check` as a page that needs nothing else. */
import type { CheckReport, CheckResult } from "./run-checks.ts";
import { isBinding } from "./run-checks.ts";

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d9dee3;padding:.4rem .6rem;text-align:left;vertical-align:top}
.pass{color:#14713a}.fail{color:#b3261e;font-weight:600}.skipped,.advice{color:#6b5900}small{color:#57606a;display:block}`;

/** Writes the page; what came from the server is escaped. */
export function reportPage(report: CheckReport, at: string): string {
  const { url, results, passed, failed, advised, skipped, leftOver } = report;
  const left = leftOver.length === 0 ? "nothing" : leftOver.map(escaped).join(", ");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>SCIM check of ${escaped(url)}</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>
<h1>SCIM check</h1>
<p>${escaped(url)}, ${escaped(at)}: ${passed} pass, ${failed} fail, ${advised} advised, ${skipped} skipped. Left on the server: ${left}.</p>
<table><thead><tr><th>Requirement</th><th>Level</th><th>Section</th><th>What has to hold</th><th>Outcome</th></tr></thead><tbody>
${results.map(rowOf).join("\n")}
</tbody></table></body></html>
`;
}

function rowOf(result: CheckResult): string {
  const { id, level, section, title, outcome, found, consequence } = result;
  const kind = outcome === "fail" && !isBinding(result) ? "advice" : outcome;
  const why = found === "" ? "" : `<small>${escaped(found)}</small>`;
  const then = outcome === "fail" ? `<small>What follows: ${escaped(consequence)}</small>` : "";
  return `<tr><td>${escaped(id)}</td><td>${level}</td><td>${escaped(section)}</td><td>${escaped(title)}${why}${then}</td><td class="${kind}">${kind}</td></tr>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
