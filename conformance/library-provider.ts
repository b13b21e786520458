/** A service provider that lives in the test: the library alone, with resource types of a deployer. */
import { randomUUID } from "node:crypto";
import type { ClientSettings, ResourceType } from "@rollcall/scim";
import {
  answerScimRequest,
  clientProfileNamed,
  clientSettingsOf,
  createResourceTypeRegistry,
  refuseDuplicates,
} from "@rollcall/scim";
import { createMemoryResourceStore } from "@rollcall/scim/testing";
import type { Target } from "./scim-client.ts";

/** Makes an empty service provider of these resource types, on the memory store. */
export function libraryProvider(
  resourceTypes: readonly ResourceType[],
  settings: Partial<ClientSettings> = {},
): Target {
  const registry = createResourceTypeRegistry(resourceTypes);
  const store = createMemoryResourceStore(registry);
  const profile = clientProfileNamed("generic");
  const context = {
    store,
    registry,
    profile,
    baseUrl: "https://library.example/scim/v2",
    settings: clientSettingsOf(profile, settings),
    createPolicy: refuseDuplicates,
    now: Date.now,
    newId: randomUUID,
  };
  const fetch = async (request: Request) => (await answerScimRequest(request, context)).response;
  return { baseUrl: context.baseUrl, token: undefined, fetch };
}
