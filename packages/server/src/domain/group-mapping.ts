/** Group mappings: members of this group get this role in this team or tenant. What a mapping says is pure. */
import { fold } from "@rollcall/scim";
import { RE2JS } from "re2js";
import type { GroupGrant } from "./account.ts";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";
import type { ConnectionId, MappingId, TeamId, TenantId } from "./tenant.ts";

/**
 * Which groups are meant: `id` the one with this id, or with this externalId; `name` those with this name, `prefix` those
 * whose name begins so, whatever the letter case; `regex` those in whose name an expression of RE2 finds something.
 */
export type GroupPatternKind = "id" | "name" | "prefix" | "regex";

/** Which groups a mapping speaks of. */
export interface GroupPattern {
  readonly kind: GroupPatternKind;
  readonly text: string;
}

/** What members of some groups get. */
export interface GroupMapping {
  readonly tenantId: TenantId;
  readonly mappingId: MappingId;
  /** Whose groups; undefined for those of all connections and of logins. */
  readonly connectionId: ConnectionId | undefined;
  readonly pattern: GroupPattern;
  /** Undefined for the tenant itself. */
  readonly teamId: TeamId | undefined;
  readonly role: string;
  /** Counts its changes, from 1. */
  readonly version: number;
  /** xsd:dateTime in UTC. */
  readonly created: string;
}

/** What of a group decides which mappings speak of it. */
export interface MappableGroup {
  /** Undefined for the groups of logins. */
  readonly connectionId: ConnectionId | undefined;
  /** Its ids: that of the resource and the client's own; of a group of a login the name itself. */
  readonly ids: readonly string[];
  readonly name: string;
}

/** The longest pattern, in characters. */
export const patternLengthMax = 256;

/** Answers with the pattern; refuses one that is blank, too long or no expression. */
export function checkedPattern({ kind, text }: GroupPattern): GroupPattern {
  const isGood =
    text.trim() !== "" && [...text].length <= patternLengthMax && cleanText(text) === text;
  if (!isGood) {
    throw refusal(
      `the pattern of a mapping has 1 to ${patternLengthMax} characters, not all of them blank and none of them invisible`,
    );
  }
  if (kind === "regex") {
    compiled(text);
  }
  return { kind, text };
}

/**
 * Reads what stands behind `--pattern`: `Eng-*` are the names that begin with `Eng-`, `/…/` and whatever has other signs
 * of an expression is one, and everything else is a name.
 */
export function patternOfText(text: string): GroupPattern {
  const framed = /^\/(.+)\/$/s.exec(text)?.[1];
  if (framed !== undefined) {
    return checkedPattern({ kind: "regex", text: framed });
  }
  if (/^[^*+?^$()[\]{}|\\]*[^.*+?^$()[\]{}|\\]\*$/.test(text)) {
    return checkedPattern({ kind: "prefix", text: text.slice(0, -1) });
  }
  return checkedPattern({ kind: /[*+?^$()[\]{}|\\]/.test(text) ? "regex" : "name", text });
}

/** Makes the test for the groups of a mapping; to be made once for many groups. */
export function groupTestOf({
  connectionId,
  pattern,
}: Pick<GroupMapping, "connectionId" | "pattern">): (group: MappableGroup) => boolean {
  const fits = patternTestOf(pattern);
  return (group) =>
    (connectionId === undefined || group.connectionId === connectionId) && fits(group);
}

function patternTestOf({ kind, text }: GroupPattern): (group: MappableGroup) => boolean {
  switch (kind) {
    case "id":
      return ({ ids }) => ids.includes(text);
    case "name": {
      const folded = fold(text.trim());
      return ({ name }) => fold(name.trim()) === folded;
    }
    case "prefix": {
      const folded = fold(text);
      return ({ name }) => fold(name).startsWith(folded);
    }
    case "regex": {
      const expression = compiled(text);
      return ({ name }) => expression.matcher(name).find();
    }
  }
}

/** RE2 takes time in proportion to the name, whatever the expression; a backtracking engine can be stopped by a name. */
function compiled(text: string): RE2JS {
  try {
    return RE2JS.compile(text, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal(
      `"${cleanText(text, 64)}" is no regular expression of RE2: ${cleanText(why, 200)}`,
    );
  }
}

/** What the grant of a group is called by: the connection, the group and the mapping. */
export function sourceIdOfGroupGrant(
  connectionId: ConnectionId,
  { groupId, mappingId }: Pick<GroupGrant, "groupId" | "mappingId">,
): string {
  return `${connectionId}/${groupId}/${mappingId}`;
}

/** The mappings that speak of a group that a login has brought. */
export function mappingsOfLogin(
  mappings: readonly GroupMapping[],
  groupNames: readonly string[],
): readonly GroupMapping[] {
  return mappings.filter((mapping) => {
    const fits = groupTestOf(mapping);
    return groupNames.some((name) => fits({ connectionId: undefined, ids: [name], name }));
  });
}
