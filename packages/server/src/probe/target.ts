/** Requests to any SCIM service provider, and what comes back: what a client sees, with nothing added. */

/** Where to send requests and as whom. */
export interface Target {
  /** Absolute, without trailing slash. */
  readonly baseUrl: string;
  /** Undefined to send no credentials. */
  readonly token: string | undefined;
  /** Stands in for the network, for service providers that live in the process. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A request as it goes out. */
export interface SentRequest {
  readonly method: string;
  /** Relative to the base URL and percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** A received response. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the text is empty or not JSON. */
  readonly body: unknown;
}

/** How long a client waits for an answer; identity providers wait 60 s. */
const patienceMs = 60_000;

/** Sends one request with these headers only. Rejects when there is no answer. */
export async function send(
  { baseUrl, fetch: reach = fetch }: Target,
  { method, path, headers, body }: SentRequest,
): Promise<Answer> {
  const request = new Request(`${baseUrl}${path}`, {
    method,
    headers: { ...headers },
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
    // Wrapped, since a bare string would bring a Content-Type of its own.
    ...(body === undefined ? {} : { body: new Blob([body]) }),
  });
  const response = await reach(request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

/** The member of a JSON value by its dotted path; numbers count elements. */
export function memberAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (part, name) =>
        typeof part === "object" && part !== null
          ? new Map<string, unknown>(Object.entries(part)).get(name)
          : undefined,
      value,
    );
}

/** Says why there was no answer. */
export function silenceOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words = cause instanceof Error ? cause.message || cause.name : String(cause);
  return `no answer: ${words}`;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
