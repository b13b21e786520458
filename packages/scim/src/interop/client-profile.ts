/** Client profiles: settings and named rewrites for what real clients send. */
import type { JsonObject } from "../json.ts";

/** Everything about a connection that a client profile or an operator can change. */
export interface ClientSettings {
  /** RFC to the letter: what lenient reading accepts with a warning becomes a 400. */
  readonly strict: boolean;
  /** What a POST does that meets a resource already there. */
  readonly adoption: "always" | "inactive-only" | "never";
  readonly uniqueExternalId: boolean;
  readonly uniqueGroupNames: boolean;
  /** What PUT does to members when the body has none. */
  readonly putWithoutMembers: "keep" | "clear";
  /** How PATCH on a group answers: `auto` is 200 up to 1,000 members, else 204. */
  readonly groupPatchAnswer: "auto" | "204" | "200";
  readonly strictReferences: boolean;
  /** Extension attributes are found without their URN. */
  readonly unqualifiedExtensionNames: boolean;
}

/** The names of the client profiles. */
export type ClientProfileName =
  | "generic"
  | "okta"
  | "entra"
  | "authentik"
  | "onelogin"
  | "jumpcloud"
  | "keycloak"
  | "ping"
  | "google"
  | "midpoint"
  | "aws"
  | "pocket-id";

/** A profile: nothing but defaults for settings plus rewrites of request bodies. */
export interface ClientProfile {
  readonly name: ClientProfileName;
  /** How a person calls the product. */
  readonly title: string;
  /** Where it differs from the defaults. */
  readonly settings: Partial<ClientSettings>;
  /** Applied in order to the body of POST, PUT and PATCH before it is parsed. */
  readonly rewrites: readonly BodyRewrite[];
}

/** One named rewrite: pure, and without effect on what it does not know. */
export interface BodyRewrite {
  readonly name: string;
  readonly rewrite: (body: JsonObject, method: "POST" | "PUT" | "PATCH") => JsonObject;
}
