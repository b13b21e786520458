/** The server for whoever has requests of the Fetch standard: embedders and tests. */
import { fetchResponseOf, scimRequestOf } from "@rollcall/scim";
import type { App } from "./app.ts";
import type { Peer } from "./client-address.ts";

/** Answers one request. */
export async function fetchWithApp(app: App, request: Request, peer: Peer): Promise<Response> {
  const isGone = () => request.signal.aborted;
  return fetchResponseOf(await app({ ...scimRequestOf(request), isGone }, peer));
}
