/** The SCIM Error response and its keywords (RFC 7644 §3.12, RFC 9865 §2.1). */
import type { JsonObject } from "./json.ts";

/** Each detail error keyword with the only HTTP status it may travel with. */
const statusOfScimType = {
  invalidFilter: 400,
  tooMany: 400,
  uniqueness: 409,
  mutability: 400,
  invalidSyntax: 400,
  invalidPath: 400,
  noTarget: 400,
  invalidValue: 400,
  invalidVers: 400,
  sensitive: 403,
  invalidCursor: 400,
  expiredCursor: 400,
  invalidCount: 400,
} as const;

/** A detail error keyword (RFC 7644 §3.12, table 9). */
export type ScimType = keyof typeof statusOfScimType;

/** What a {@link ScimError} carries besides its reason and its detail. */
export interface ScimErrorOptions extends ErrorOptions {
  /** Response headers the error needs, such as `Retry-After` or `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Which rule refused, for the log alone: a constraint, the attribute, the ids in conflict. */
  readonly reason?: string;
}

/** Every failure a client is told about; anything else that is thrown is a defect. */
export class ScimError extends Error {
  override readonly name = "ScimError";
  /** The HTTP status code. */
  readonly status: number;
  /** The keyword, where RFC 7644 has one for the failure. */
  readonly scimType: ScimType | undefined;
  /** Response headers the error needs. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which rule refused, for the log alone. */
  readonly reason: string | undefined;

  /**
   * @param cause the keyword, which fixes the status, or a bare HTTP status.
   * @param detail what is wrong and what was expected; never a secret.
   */
  constructor(cause: ScimType | number, detail: string, options: ScimErrorOptions = {}) {
    super(detail, options);
    this.scimType = typeof cause === "number" ? undefined : cause;
    this.status = typeof cause === "number" ? cause : statusOfScimType[cause];
    this.headers = options.headers ?? {};
    this.reason = options.reason;
  }
}

const errorUri = "urn:ietf:params:scim:api:messages:2.0:Error";

/** The Error message of a failure. */
export function errorMessageOf({ status, scimType, message }: ScimError): JsonObject {
  return {
    schemas: [errorUri],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: message === "" ? "The request failed." : message,
  };
}

/** The detail of a failure with the rule behind it, for the log alone. */
export function reasonOf({ message, reason }: ScimError): string {
  return reason === undefined ? message : `${message} (${reason})`;
}
