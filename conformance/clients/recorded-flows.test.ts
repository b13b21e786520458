/** Every recorded flow of every client, each on a fresh connection with the client's profile. */
import type { ClientProfileName } from "@rollcall/scim";
import { describe, expect, test } from "vitest";
import { replayFlow } from "../../packages/server/src/probe/flow/replay-flow.ts";
import { freshConnection } from "../fresh-connection.ts";
import { readFlows } from "./read-flows.ts";

/** The files of flows and the profile of the connection each runs on. */
const profiles: Readonly<Record<string, ClientProfileName>> = {
  authentik: "authentik",
  "aws-style-clients": "aws",
  "entra-legacy": "entra",
  "entra-modern": "entra",
  "google-workspace": "google",
  jumpcloud: "jumpcloud",
  keycloak: "keycloak",
  midpoint: "midpoint",
  okta: "okta",
  onelogin: "onelogin",
  ping: "ping",
  "pocket-id": "pocket-id",
  "sailpoint-cyberark": "generic",
};

describe.each(Object.entries(profiles))("%s on profile %s", (name, profile) => {
  test.each(readFlows(name))("$scenario", async (flow) => {
    const target = await freshConnection({ profile });
    const { token } = await freshConnection({ profile });
    expect(await replayFlow(flow, target, String(token))).toEqual([]);
  });
});
