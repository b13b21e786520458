/** What the admin port answers, to whoever reaches it: metrics and health, and nothing with a tenant in it. */
import { randomUUID } from "node:crypto";
import { ScimError } from "@rollcall/scim";
import type { Store } from "../store/store.ts";
import type { App } from "./app.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { refusedAnswer, thrownAnswer } from "./exchange.ts";
import { healthz, readyz } from "./health.ts";
import type { JsonLog } from "./json-log.ts";
import type { Metrics } from "./metrics.ts";
import { metricsPage } from "./metrics-page.ts";

/** What it needs. */
export interface OperationsParts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly log: JsonLog;
}

type Endpoint = (exchange: Exchange, parts: OperationsParts) => Promise<Answer>;

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/metrics", metricsPage],
  ["/healthz", healthz],
  ["/readyz", readyz],
]);

/** Makes the function that answers every request of the port; it never throws. */
export function createOperationsApp(parts: OperationsParts): App {
  return async (request, peer) => {
    const requestId = randomUUID();
    const { path } = request;
    const { address } = peer;
    const endpoint = endpoints.get(path);
    const { response, report } =
      endpoint === undefined
        ? refusedAnswer(
            new ScimError(404, "There is /metrics, /healthz and /readyz."),
            "/*",
            undefined,
          )
        : await endpoint({ request, requestId, path, address, startMs: 0 }, parts).catch(
            (thrown: unknown) => thrownAnswer(thrown, path),
          );
    if (report.defect !== undefined) {
      parts.log.error("request failed", report.defect, { requestId, path: report.pathTemplate });
    }
    return { ...response, headers: { ...response.headers, "X-Request-Id": requestId } };
  };
}
