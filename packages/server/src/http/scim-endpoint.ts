/** Hands an authenticated request to the library, with the population and the rules of its connection (RFC 7644 §3). */
import type { CursorSeal, ResourceTypeRegistry, ScimContext, TakeTurn } from "@rollcall/scim";
import { answerRequest, clientProfileNamed, ScimError } from "@rollcall/scim";
import { adoptionPolicy } from "../domain/adoption.ts";
import { connectionSettingsOf, scopeOf } from "../domain/connection.ts";
import type { Caller } from "../domain/credential.ts";
import { personType } from "../domain/person.ts";
import { accessOfUsers } from "../provisioning/access-of-users.ts";
import { connectionResourceStore } from "../provisioning/connection-resource-store.ts";
import { describeProvider } from "../provisioning/describe-provider.ts";
import { newId } from "../provisioning/new-id.ts";
import type { TextSeal } from "../provisioning/sealed-text.ts";
import type { Store } from "../store/store.ts";
import type { Answer, AuthenticatedExchange } from "./exchange.ts";
import { refusedAnswer } from "./exchange.ts";
import type { Site } from "./site.ts";

/** The path of SCIM in any version, below the public URL. */
export const scimStem = "/scim";

/** Where the SCIM endpoints begin, below the public URL (RFC 7644 §3.13). */
export const scimRoot = "/scim/v2";

/** What the endpoint needs. */
export interface ScimEndpointParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  /** Where clients reach the server. */
  readonly site: () => Site;
  readonly now: () => number;
  /** How long an answer may take. */
  readonly handlerTimeoutMs: number;
  /** Seals cursors (RFC 9865 §5.2). */
  readonly cursorSeal: TextSeal;
  /** The turns of this process, for all populations. */
  readonly takeTurn: TakeTurn;
}

/** Answers a request below the SCIM root. */
export async function scimEndpoint(
  exchange: AuthenticatedExchange,
  parts: ScimEndpointParts,
): Promise<Answer> {
  const site = parts.site();
  const baseUrl = `${site.url}${scimRoot}`;
  // A proxy may have cut the path of the public URL off: the library gets the one that the client sees.
  const request = { ...exchange.request, path: `${site.path}${exchange.path}` };
  const { response, report } = await answerRequest(request, contextOf(exchange, baseUrl, parts));
  return {
    response,
    report: { ...report, pathTemplate: `${scimRoot}${report.pathTemplate}` },
    caller: exchange.caller,
    isLogged: true,
  };
}

/**
 * Answers a request below the stem: without a version as in the only one there is, and with another one not at all
 * (RFC 7644 §3.13).
 */
export async function unversionedScimEndpoint(
  exchange: AuthenticatedExchange,
  parts: ScimEndpointParts,
): Promise<Answer> {
  const rest = exchange.path.slice(scimStem.length);
  const [, version] = /^\/(v[0-9]+)(?:\/|$)/i.exec(rest) ?? [];
  if (version !== undefined && version.toLowerCase() !== "v2") {
    const error = new ScimError("invalidVers", "The version of the protocol spoken here is v2.");
    return refusedAnswer(error, `${scimStem}/*`, exchange.caller);
  }
  const path = version === undefined ? `${scimRoot}${rest}` : `${scimRoot}${rest.slice(3)}`;
  return scimEndpoint({ ...exchange, path }, parts);
}

/** The part of its time after which a bulk job begins no further operation, so that its answer is in time. */
const beginningShare = 0.8;

function contextOf(
  { caller, connection, requestId, startMs }: AuthenticatedExchange,
  baseUrl: string,
  { store, registry, now, handlerTimeoutMs, cursorSeal, takeTurn }: ScimEndpointParts,
): Omit<ScimContext, "warn"> {
  const actor = { kind: "credential", id: caller.credentialId } as const;
  const scope = scopeOf(connection);
  return {
    store: connectionResourceStore(store, scope, { actor, requestId }),
    registry,
    baseUrl,
    settings: connectionSettingsOf(connection),
    profile: clientProfileNamed(connection.profile),
    createPolicy: adoptionPolicy,
    computeExtensions: accessOfUsers(store, scope),
    ...subjectOf(caller, registry),
    cursors: cursorsFor(caller, cursorSeal),
    describeProvider: describeProvider(store, scope),
    now,
    newId,
    isTimeUp: () => now() - startMs > handlerTimeoutMs * beginningShare,
    takeTurn: (key, work) => takeTurn(`${caller.tenantId}/${caller.connectionId}/${key}`, work),
  };
}

/** Whom /Me stands for: the User whose token it is, if it is somebody's. */
function subjectOf(
  { userId }: Caller,
  registry: ResourceTypeRegistry,
): Pick<ScimContext, "subject"> {
  const resourceType = userId === undefined ? undefined : registry.named(personType);
  return userId === undefined || resourceType === undefined
    ? {}
    : { subject: { resourceType, id: userId } };
}

/** A cursor is for the token that it was given to, as long as that may do what it might do then. */
function cursorsFor(
  { tenantId, connectionId, credentialId, scopes }: Caller,
  { seal, open }: TextSeal,
): CursorSeal {
  const placeOf = (place: string) =>
    JSON.stringify([tenantId, connectionId, credentialId, scopes, place]);
  return {
    seal: (text, place) => seal(text, placeOf(place)),
    open: (sealed, place) => open(sealed, placeOf(place)),
  };
}
