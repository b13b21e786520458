/** All client profiles, and the settings a connection ends up with. */
import { ScimError } from "../errors.ts";
import { authentikProfile } from "./authentik.ts";
import { awsProfile } from "./aws.ts";
import type { ClientProfile, ClientProfileName, ClientSettings } from "./client-profile.ts";
import { entraProfile } from "./entra.ts";
import { genericProfile } from "./generic.ts";
import { googleProfile } from "./google.ts";
import { jumpcloudProfile } from "./jumpcloud.ts";
import { keycloakProfile } from "./keycloak.ts";
import { midpointProfile } from "./midpoint.ts";
import { oktaProfile } from "./okta.ts";
import { oneloginProfile } from "./onelogin.ts";
import { pingProfile } from "./ping.ts";
import { pocketIdProfile } from "./pocket-id.ts";

/** The settings of a connection whose profile says nothing else. */
export const defaultClientSettings: ClientSettings = {
  strict: false,
  adoption: "always",
  uniqueExternalId: true,
  uniqueGroupNames: true,
  putWithoutMembers: "keep",
  groupPatchAnswer: "auto",
  strictReferences: false,
  unqualifiedExtensionNames: false,
};

/** Every profile by its name. */
export const clientProfiles: Readonly<Record<ClientProfileName, ClientProfile>> = {
  generic: genericProfile,
  okta: oktaProfile,
  entra: entraProfile,
  authentik: authentikProfile,
  onelogin: oneloginProfile,
  jumpcloud: jumpcloudProfile,
  keycloak: keycloakProfile,
  ping: pingProfile,
  google: googleProfile,
  midpoint: midpointProfile,
  aws: awsProfile,
  "pocket-id": pocketIdProfile,
};

/** The names, in the order they are offered. */
export const clientProfileNames: readonly ClientProfileName[] = Object.values(clientProfiles).map(
  (profile) => profile.name,
);

/** The profile of that name. */
export function clientProfileNamed(name: ClientProfileName): ClientProfile {
  return clientProfiles[name];
}

/** The settings of a connection: defaults, then profile, then what was set on the connection itself. */
export function clientSettingsOf(
  profile: ClientProfile,
  overrides: Partial<ClientSettings>,
): ClientSettings {
  return { ...defaultClientSettings, ...profile.settings, ...overrides };
}

const switchWords: readonly string[] = ["on", "off", "true", "false"];

/** The words each setting takes. */
const wordsOfSetting: Readonly<Record<keyof ClientSettings, readonly string[]>> = {
  strict: switchWords,
  adoption: ["always", "inactive-only", "never"],
  uniqueExternalId: switchWords,
  uniqueGroupNames: switchWords,
  putWithoutMembers: ["keep", "clear"],
  groupPatchAnswer: ["auto", "204", "200"],
  strictReferences: switchWords,
  unqualifiedExtensionNames: switchWords,
};

/** Reads one setting from text, as `connection set` gets it. Throws ScimError `invalidValue` naming what is allowed. */
export function parseClientSetting(key: string, text: string): Partial<ClientSettings> {
  if (!isSettingName(key)) {
    throw new ScimError(
      "invalidValue",
      `There is no setting of that name; the settings are ${Object.keys(wordsOfSetting).join(", ")}.`,
    );
  }
  const words = wordsOfSetting[key];
  if (!words.includes(text)) {
    throw new ScimError("invalidValue", `${key} takes one of ${words.join(", ")}.`);
  }
  return { [key]: words === switchWords ? text === "on" || text === "true" : text };
}

function isSettingName(key: string): key is keyof ClientSettings {
  return Object.hasOwn(wordsOfSetting, key);
}
