/** Derives docs/reference/metrics.md: every metric, with its labels and its sentence. */
import { metricRows } from "../../packages/server/src/http/metric-rows.ts";

/** Writes the page. */
export function formatMetrics(): string {
  const rows = Object.values(metricRows).map(
    ({ name, kind, labels, sentence }) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(", ") || "–"} | ${sentence} |`,
  );
  return `# Metrics

Made by \`npm run docs\` from the code; do not edit. What \`/metrics\` answers, in the text format of Prometheus; who gets it
is in the [guide for operators](../guides/operations.md).

| metric | kind | labels | what |
|---|---|---|---|
${rows.join("\n")}
`;
}
