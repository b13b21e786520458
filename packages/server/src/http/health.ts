/** Liveness and readiness for whoever supervises the process: `/healthz` and `/readyz`. */
import { ScimError } from "@rollcall/scim";
import type { Store } from "../store/store.ts";
import type { Answer, Exchange, ServerRequest } from "./exchange.ts";
import { unavailable } from "./exchange.ts";

/** How long the database may take to show that it is there. */
const pingMsMax = 3_000;

/** Answers that the process runs. */
export async function healthz({ request }: Exchange): Promise<Answer> {
  return healthAnswer(request, "/healthz");
}

/** Answers that requests can be served: the database can be read, and at once. */
export async function readyz(
  { request }: Exchange,
  { store }: { readonly store: Store },
): Promise<Answer> {
  await withinTime(store.ping());
  return healthAnswer(request, "/readyz");
}

/** Whoever asks wants to know soon, also when the database is silent and everybody waits for it. */
async function withinTime(ping: Promise<void>): Promise<void> {
  const timer: { id?: ReturnType<typeof setTimeout> } = {};
  const timeUp = new Promise<never>((_, reject) => {
    timer.id = setTimeout(
      () => reject(unavailable("The database does not answer; try again later.", "ping")),
      pingMsMax,
    );
  });
  try {
    await Promise.race([ping, timeUp]);
  } finally {
    clearTimeout(timer.id);
  }
}

function healthAnswer({ method }: Pick<ServerRequest, "method">, pathTemplate: string): Answer {
  if (method !== "GET" && method !== "HEAD") {
    throw new ScimError(405, "Use GET.", { headers: { Allow: "GET, HEAD" } });
  }
  return {
    response: {
      status: 200,
      headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
      body: '{"status":"ok"}',
    },
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
