/** Changes settings of a tenant, so that of two who change them at the same time neither loses what the other has set. */
import type { JsonObject, ResourceTypeRegistry } from "@rollcall/scim";
import { memberOf, sameJson } from "@rollcall/scim";
import type { AccountId } from "../domain/account.ts";
import type { ActivationSummary } from "../domain/activation-summary.ts";
import { activationSummaryOf } from "../domain/activation-summary.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { liveTeamNamed, teamNamesOf } from "../domain/find-team.ts";
import type { TeamMove } from "../domain/group-team.ts";
import type { ChangeMode } from "../domain/mapping-change.ts";
import { isRefusal, refusal } from "../domain/refusal.ts";
import type { SettingsChangeOutcome } from "../domain/settings-change.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TriedUser } from "../domain/tried-user.ts";
import { triedText } from "../domain/tried-user.ts";
import type { Store } from "../store/store.ts";
import type { Trying } from "./try-waiting.ts";
import { personTypeIn, tryWaiting } from "./try-waiting.ts";

/** How often a change is made anew on what somebody else has set meanwhile. */
const attemptsMax = 8;

/** What is needed for it. */
export interface SettingsParts {
  readonly store: Pick<Store, "tenants" | "accounts" | "teams" | "connections">;
  readonly registry: ResourceTypeRegistry;
  readonly circumstances: Circumstances;
  /** Tells whether time is up for those whom the attach policy has refused before; never where it is left out. */
  readonly isOver?: (() => boolean) | undefined;
}

/** What shall be changed. */
export interface SettingsWish {
  readonly tenant: Tenant;
  /** Says what the settings shall be, and throws to leave them. */
  readonly change: (current: Tenant) => JsonObject;
  /** That of a preview: changed only while it does what was shown. */
  readonly token?: string | undefined;
}

/** A team of a group that comes, goes or is named anew. */
export interface ShownTeamMove {
  readonly id: string;
  /** What it is called from then on. */
  readonly name: string;
  readonly change: TeamMove["kind"];
}

/** What changing settings would do. */
export interface SettingsPreview extends Omit<ActivationSummary, "left"> {
  readonly token: string;
  readonly teams: readonly ShownTeamMove[];
}

/**
 * Changes them. Undefined when the tenant is gone. Refuses settings by which a tenant that has an owner would have none,
 * and a defaultTeam that is no live team; its name becomes its id. Under another attach policy those whom the one before
 * has refused are tried again: with the token of a preview in the same transaction, as long as they are not too many for
 * one, else part by part behind it.
 */
export async function saveTenantSettings(
  parts: SettingsParts,
  wish: SettingsWish,
): Promise<Tenant | undefined> {
  const { token } = wish;
  return await attempted(parts, wish, async (current, settings) => {
    const trying = token === undefined ? "behind" : await tryingOf(settings, current, parts);
    const mode = { kind: "apply", token } as const;
    const { outcome } = await changed(parts, { current, settings, trying, mode });
    if (isObstacle(outcome)) {
      return outcome;
    }
    if (outcome.kind === "moved") {
      throw refusal("the facts have moved; ask for a new preview", "facts-moved");
    }
    if (trying === "behind") {
      await tryRefused(parts, { current, settings }, undefined, () => undefined);
    }
    return { result: { ...current, settings } };
  });
}

/** Tells what changing them would do, and changes nothing. Undefined when the tenant is gone; refuses what saving refuses. */
export async function previewTenantSettings(
  parts: SettingsParts,
  wish: Omit<SettingsWish, "token">,
): Promise<SettingsPreview | undefined> {
  return await attempted(parts, wish, async (current, settings) => {
    const trying = await tryingOf(settings, current, parts);
    const mode = { kind: "preview" } as const;
    const { outcome, tried } = await changed(parts, { current, settings, trying, mode });
    if (isObstacle(outcome)) {
      return outcome;
    }
    const { token, moves } = outcome.preview;
    const { teams } = outcome;
    const names = new Map([
      ...teamNamesOf(await parts.store.teams.list(current.tenantId)),
      ...teamNamesOf(teams),
    ]);
    const { left: _, ...summary } = activationSummaryOf(tried, names, { moves });
    const shown = teams.map(({ teamId: id, name, kind }) => ({ id, name, change: kind }));
    return { result: { token, ...summary, teams: shown } };
  });
}

/** How many Users that wait are tried in the transaction of the change: while it lasts nobody else writes. */
const triedTogetherMax = 2000;

/** Whether those whom the attach policy has refused are tried in the transaction of a change, or behind it. */
async function tryingOf(
  settings: JsonObject,
  current: Tenant,
  { store: { connections } }: SettingsParts,
): Promise<Change["trying"]> {
  if (isSamePolicy(settings, current)) {
    return "together";
  }
  let waiting = 0;
  for (const scope of await connections.waiting(current.tenantId, "policy")) {
    waiting += await connections.countWaiting(scope, "policy");
  }
  return waiting > triedTogetherMax ? "behind" : "together";
}

/** What stands in the way of a change. */
type Obstacle =
  | { readonly kind: "gone" | "changed" }
  | { readonly kind: "last-owner"; readonly accountId: AccountId };

function isObstacle(outcome: Changed["outcome"]): outcome is Obstacle {
  return ["gone", "changed", "last-owner"].includes(outcome.kind);
}

/** Tries until nobody else has changed the settings meanwhile. */
async function attempted<Result>(
  { store }: SettingsParts,
  { tenant, change }: SettingsWish,
  attempt: (
    current: Tenant,
    settings: JsonObject,
  ) => Promise<{ readonly result: Result } | Obstacle>,
): Promise<Result | undefined> {
  const { tenantId, slug } = tenant;
  let current: Tenant | undefined = tenant;
  for (let round = 1; round <= attemptsMax; round += 1) {
    const outcome = await attempt(current, await withTeamId(change(current), current, store.teams));
    if ("result" in outcome) {
      return outcome.result;
    }
    if (outcome.kind === "last-owner") {
      const owner = await store.accounts.byId(outcome.accountId);
      throw refusal(
        `tenant ${slug} would have no owner any more: ${owner?.email ?? outcome.accountId} is one, and would not be with these settings`,
        "last-owner",
      );
    }
    current = outcome.kind === "gone" ? undefined : await store.tenants.byId(tenantId);
    if (current === undefined) {
      return undefined;
    }
  }
  throw refusal(`the settings of tenant ${slug} change all the time: try again`);
}

interface Change {
  readonly current: Tenant;
  readonly settings: JsonObject;
  readonly trying: "together" | "behind";
  readonly mode: ChangeMode;
}

interface Changed {
  readonly outcome: Obstacle | Exclude<SettingsChangeOutcome, string | { kind: "last-owner" }>;
  readonly tried: readonly TriedUser[];
}

async function changed(parts: SettingsParts, change: Change): Promise<Changed> {
  const { store, registry, circumstances } = parts;
  const { current, settings, trying, mode } = change;
  const isTogether = trying === "together";
  const isShown = mode.kind === "preview" || mode.token !== undefined;
  const behind = isTogether || !isShown ? [] : await triedUnder(settings, current, parts);
  const wish = {
    settings,
    expected: current.settings,
    mode,
    beside: triedText(behind),
    trying: isTogether ? personTypeIn(registry) : undefined,
  };
  const outcome = await store.tenants.changeSettings(current.tenantId, wish, circumstances);
  if (typeof outcome === "string") {
    return { outcome: { kind: outcome === "gone" ? "gone" : "changed" }, tried: [] };
  }
  const tried = isTogether && outcome.kind !== "last-owner" ? outcome.tried : behind;
  return { outcome, tried };
}

/** What would become of those whom the attach policy has refused, were these the settings. */
async function triedUnder(
  settings: JsonObject,
  current: Tenant,
  parts: SettingsParts,
): Promise<readonly TriedUser[]> {
  const tried: TriedUser[] = [];
  await tryRefused(parts, { current, settings }, { settings }, (users) => tried.push(...users));
  return tried;
}

/** Tries them, where another policy may refuse others. */
async function tryRefused(
  { store, registry, circumstances, isOver = () => false }: SettingsParts,
  { current, settings }: Pick<Change, "current" | "settings">,
  preview: Trying["preview"],
  take: (users: readonly TriedUser[]) => void,
): Promise<void> {
  if (isSamePolicy(settings, current)) {
    return;
  }
  const scopes = await store.connections.waiting(current.tenantId, "policy");
  const trying = { scopes, reason: "policy" as const, preview, isOver };
  await tryWaiting({ store, registry }, trying, circumstances, take);
}

function isSamePolicy(settings: JsonObject, current: Pick<Tenant, "settings">): boolean {
  return ["attachPolicy", "accounts"].every((name) =>
    sameJson(memberOf(current.settings, name), memberOf(settings, name)),
  );
}

/** The settings with the id of their defaultTeam; one that stays is not looked at. */
async function withTeamId(
  settings: JsonObject,
  { tenantId, settings: before }: Tenant,
  teams: Store["teams"],
): Promise<JsonObject> {
  const text = memberOf(settings, "defaultTeam");
  if (typeof text !== "string" || text === memberOf(before, "defaultTeam")) {
    return settings;
  }
  const known = await teams.list(tenantId);
  try {
    const team = liveTeamNamed(text, known);
    if (team.group !== undefined) {
      throw refusal(
        `the team ${team.name} follows a group, which its identity provider may delete`,
      );
    }
    return { ...settings, defaultTeam: team.teamId };
  } catch (error) {
    throw isRefusal(error) ? refusal(`defaultTeam: ${error.message}`) : error;
  }
}
