/** Request log entries: what a client asked and why it was refused; no bodies, no tokens, no query strings. */

/** One logged request. */
export interface RequestLogEntry {
  readonly requestId: string;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  /** Undefined until a credential was accepted. */
  readonly tenantId: string | undefined;
  readonly connectionId: string | undefined;
  readonly credentialId: string | undefined;
  /** The client's User-Agent, cleaned of control characters and cut at 200 characters. */
  readonly client: string;
  readonly method: string;
  /** The path with ids replaced, such as `/scim/v2/Users/{id}`. */
  readonly pathTemplate: string;
  readonly status: number;
  readonly scimType: string | undefined;
  /** Why it was refused: the SCIM detail, and the constraint with both ids for a conflict. */
  readonly reason: string | undefined;
  /** What was ignored or skipped, such as `operation 2: unknown attribute "costcentre" was dropped`. */
  readonly warnings: readonly string[];
  readonly durationMs: number;
}
