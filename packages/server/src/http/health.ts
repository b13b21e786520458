/** Liveness and readiness for whoever supervises the process: `/healthz` and `/readyz`. */
import { ScimError } from "@rollcall/scim";
import type { Store } from "../store/store.ts";
import type { Answer, Exchange } from "./exchange.ts";

/** Answers that the process runs. */
export async function healthz({ request }: Exchange): Promise<Answer> {
  return healthAnswer(request, "/healthz");
}

/** Answers that requests can be served: the database can be read. */
export async function readyz(
  { request }: Exchange,
  { store }: { readonly store: Store },
): Promise<Answer> {
  await store.ping();
  return healthAnswer(request, "/readyz");
}

function healthAnswer({ method }: Request, pathTemplate: string): Answer {
  if (method !== "GET" && method !== "HEAD") {
    throw new ScimError(405, "Use GET.", { headers: { Allow: "GET, HEAD" } });
  }
  return {
    response: new Response('{"status":"ok"}', {
      headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
    }),
    report: {
      pathTemplate,
      scimType: undefined,
      reason: undefined,
      warnings: [],
      defect: undefined,
    },
    caller: undefined,
    isLogged: false,
  };
}
