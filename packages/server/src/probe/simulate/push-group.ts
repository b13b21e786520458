/** How a simulated client pushes a group: finds or creates, sends members and names, and lets go. */
import { memberAt } from "../target.ts";
import type { Connector } from "./connector.ts";
import type { PushedGroup } from "./directory.ts";
import { findBy, lookUp } from "./look-up.ts";
import type { GroupHabits, Message, PushedMember } from "./scim-client-habits.ts";

/** Makes the service provider have a group as the directory has it. */
export async function syncGroup(connector: Connector, group: PushedGroup): Promise<void> {
  const { caller, habits, groupIds, listedGroups } = connector;
  const { groups } = habits;
  if (groups === undefined) {
    return;
  }
  const found = await lookUp(caller, "/Groups", groups.find, group, listedGroups);
  if (found === undefined) {
    return;
  }
  if (found !== null) {
    groupIds.set(group.number, String(found["id"]));
    await pushEverything(connector, groups, group);
    return;
  }
  const members = membersOf(connector, group.members);
  const query = groups.find.kind === "create" ? groups.find.onConflict?.(group) : undefined;
  const answer = await caller.ask("POST", `/Groups${habits.tail ?? ""}`, {
    body: groups.body(group, members),
    accepts: query === undefined ? [200, 201] : [200, 201, 409],
    needsBody: true,
  });
  if (answer?.status === 409) {
    const there = await findBy(caller, "/Groups", query ?? "");
    if (there !== null && there !== undefined) {
      groupIds.set(group.number, String(there["id"]));
      await pushEverything(connector, groups, group);
    }
  } else if (answer !== undefined) {
    groupIds.set(group.number, String(memberAt(answer.body, "id")));
    if (!groups.createsWithMembers) {
      await patchEach(connector, group, groups.add?.(members) ?? []);
    }
  }
}

/** What a new connector sends for a group that is there already. */
async function pushEverything(
  connector: Connector,
  groups: GroupHabits,
  group: PushedGroup,
): Promise<void> {
  const { groupIds } = connector;
  const id = groupIds.get(group.number) ?? "";
  const members = membersOf(connector, group.members);
  if (groups.update === "PUT") {
    await putAll(connector, groups, group);
    return;
  }
  if (groups.rename !== undefined) {
    await patchEach(connector, group, [groups.rename(group, id)]);
  }
  const all =
    groups.replaceAll === undefined ? groups.add?.(members) : [groups.replaceAll(members)];
  await patchEach(connector, group, all ?? []);
}

/** Changes a group in the directory, and tells the service provider. */
export async function changeGroup(
  connector: Connector,
  group: PushedGroup,
  to: Partial<PushedGroup>,
): Promise<void> {
  const before = group.members;
  Object.assign(group, to);
  const { caller, habits, groupIds } = connector;
  const { groups } = habits;
  const id = groupIds.get(group.number);
  if (groups === undefined || id === undefined) {
    return;
  }
  if (groups.update === "PUT") {
    await putAll(connector, groups, group);
    return;
  }
  if (groups.rename !== undefined) {
    await patchEach(connector, group, [groups.rename(group, id)]);
  }
  if (groups.readsFirst) {
    await caller.ask("GET", `/Groups/${id}`, { accepts: [200], needsBody: true });
  }
  const gone = new Set([...before].filter((number) => !group.members.has(number)));
  const added = new Set([...group.members].filter((number) => !before.has(number)));
  await patchEach(connector, group, groups.remove?.(membersOf(connector, gone)) ?? []);
  await patchEach(connector, group, groups.add?.(membersOf(connector, added)) ?? []);
}

/** A group leaves the directory. */
export async function letGroupGo(connector: Connector, group: PushedGroup): Promise<void> {
  const { caller, habits, groupIds } = connector;
  const id = groupIds.get(group.number);
  group.left = true;
  if (habits.groups !== undefined && id !== undefined) {
    await caller.ask("DELETE", `/Groups/${id}${habits.tail ?? ""}`, { accepts: [204, 404] });
    groupIds.delete(group.number);
  }
}

async function putAll(
  connector: Connector,
  groups: GroupHabits,
  group: PushedGroup,
): Promise<void> {
  const id = connector.groupIds.get(group.number);
  await connector.caller.ask("PUT", `/Groups/${id}${connector.habits.tail ?? ""}`, {
    body: { ...groups.body(group, membersOf(connector, group.members)), id },
    accepts: [200],
    needsBody: true,
  });
}

/** One after the other, as clients do it for one group. */
async function patchEach(
  { caller, groupIds }: Connector,
  { number }: PushedGroup,
  messages: readonly Message[],
): Promise<void> {
  for (const body of messages) {
    await caller.ask("PATCH", `/Groups/${groupIds.get(number)}`, { body, accepts: [200, 204] });
  }
}

/** Who is not there cannot be a member. */
function membersOf({ directory, userIds }: Connector, numbers: ReadonlySet<number>) {
  return [...numbers].flatMap((number): readonly PushedMember[] => {
    const id = userIds.get(number);
    const userName = directory.people[number]?.userName;
    return id === undefined || userName === undefined ? [] : [{ id, userName }];
  });
}
