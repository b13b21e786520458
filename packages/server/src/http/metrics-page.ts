/** `GET /metrics`: what whoever watches the server gathers, in the text format of Prometheus. */
import { ScimError } from "@rollcall/scim";
import type { Answer, Exchange } from "./exchange.ts";
import type { Metrics } from "./metrics.ts";

/** Writes the metrics. */
export async function metricsPage(
  { request: { method } }: Pick<Exchange, "request">,
  { metrics }: { readonly metrics: Pick<Metrics, "text" | "contentType"> },
): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") {
    throw new ScimError(405, "Use GET.", { headers: { Allow: "GET, HEAD" } });
  }
  const text = await metrics.text();
  return {
    response: {
      status: 200,
      headers: { "Content-Type": metrics.contentType, "Cache-Control": "no-store" },
      body: method === "HEAD" ? undefined : text,
    },
    report: {
      pathTemplate: "/metrics",
      scimType: undefined,
      reason: undefined,
      warnings: [],
      defect: undefined,
    },
    caller: undefined,
    isLogged: false,
  };
}
