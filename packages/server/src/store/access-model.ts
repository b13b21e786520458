/** Effective access as a naive reference derives it from the facts alone: everything anew, nothing stored (INV-4). */

/** What the tenant is set to. */
export interface ModelSettings {
  readonly roles: readonly string[];
  readonly defaultRole: string;
  readonly teamRoles: readonly string[];
  readonly defaultTeam: string | undefined;
  readonly defaultTeamRole: string;
  /** Whether groups have teams of their own, those whose names begin so, and what their members get there. */
  readonly groupTeams: boolean;
  readonly groupTeamPrefix: string;
  readonly groupTeamRole: string;
}

/** A team that follows a group, or did. */
export interface ModelOwnTeam {
  readonly connection: string;
  /** The group that it follows, or the last one. */
  group: string;
  /** What that was called when it went, where it is gone. */
  left: { readonly name: string; readonly externalId: string | undefined } | undefined;
  isHidden: boolean;
  /** What the store has made of it: its id there, and since when it is archived. */
  teamId: string | undefined;
  archived: string | undefined;
}

/** A live User of a connection. */
export interface ModelUser {
  readonly id: string;
  readonly connection: string;
  readonly person: string;
  active: boolean;
  /** The one value of the attribute `roles`. */
  role: string | undefined;
  /** `none`: no account so far. */
  link: "none" | "pending" | "linked" | "declined";
}

/** A live group. */
export interface ModelGroup {
  readonly id: string;
  readonly connection: string;
  name: string;
  externalId: string | undefined;
  members: Set<string>;
}

/** A mapping. */
export interface ModelMapping {
  readonly id: string;
  readonly connection: string | undefined;
  readonly kind: "id" | "name" | "prefix" | "regex";
  readonly text: string;
  readonly team: string | undefined;
  role: string;
}

/** What the tenant has on a person, but for links and what groups give. */
export interface ModelPerson {
  /** Whether there is an account, and whether its address is the person's own for all that is known. */
  exists: boolean;
  readonly isProven: boolean;
  /** By place: the id of a team, or empty for the tenant. */
  manual: Map<string, string>;
  retained: string | undefined;
  /** `admin`, `security`, or the connection of a `scim` lock. */
  locks: Set<string>;
  hasDeclined: boolean;
  isProtected: boolean;
  /** Whether a login has made the person a member. */
  byLogin: boolean;
  /** The groups of the last login. */
  loginGroups: ReadonlySet<string>;
}

/** Everything. */
export interface ModelState {
  settings: ModelSettings;
  /** The connections by which nobody gets anything yet. */
  staged: Set<string>;
  users: Map<string, ModelUser>;
  groups: Map<string, ModelGroup>;
  mappings: Map<string, ModelMapping>;
  /** Whether each team is archived that somebody has made, or has for their own. */
  teams: Map<string, boolean>;
  /** The teams of groups, by places of their own. */
  ownTeams: Map<string, ModelOwnTeam>;
  people: Map<string, ModelPerson>;
}

/** What a person may do. */
export interface ModelAccess {
  readonly state: "active" | "suspended" | "none";
  readonly role: string | undefined;
  /** `team role`, in the order of the places of the teams. */
  readonly teams: readonly string[];
}

interface Given {
  readonly place: string;
  readonly role: string;
  readonly from: ModelUser | undefined;
}

/** Derives what a person may do. */
export function modelAccessOf(state: ModelState, name: string): ModelAccess {
  const person = personIn(state, name);
  if (!isModelMember(state, name)) {
    return { state: "none", role: undefined, teams: [] };
  }
  if (modelLocksOf(state, name).length > 0) {
    return { state: "suspended", role: undefined, teams: [] };
  }
  const links = usersOf(state, name).filter(({ link }) => link === "linked");
  const active = links.filter((user) => user.active);
  const given = [...givenDirectly(state, person), ...links.flatMap((user) => givenBy(state, user))];
  const standing = given.filter(({ from }) => from === undefined || active.includes(from));
  const { defaultRole, defaultTeam, defaultTeamRole } = state.settings;
  const isDefault = standing.length === 0 && (active.length > 0 || person.byLogin);
  const counting = isDefault
    ? [
        { place: "", role: defaultRole },
        ...(defaultTeam === undefined ? [] : [{ place: defaultTeam, role: defaultTeamRole }]),
      ]
    : standing;
  return counting.length === 0
    ? { state: "none", role: undefined, teams: [] }
    : { state: "active", ...highestOf(counting, state.settings) };
}

function highestOf(
  given: readonly Pick<Given, "place" | "role">[],
  { roles, defaultRole, teamRoles }: ModelSettings,
): Pick<ModelAccess, "role" | "teams"> {
  const best = (place: string, order: readonly string[], unknown: string) => {
    const held = given
      .filter((one) => one.place === place)
      .map(({ role }) => order.indexOf(order.includes(role) ? role : unknown));
    return order[Math.min(...held)] ?? "";
  };
  const places = [...new Set(given.map(({ place }) => place))].sort();
  return {
    role: places.includes("") ? best("", roles, defaultRole) : undefined,
    teams: places
      .filter((place) => place !== "")
      .map((team) => `${team} ${best(team, teamRoles, teamRoles.at(-1) ?? "")}`),
  };
}

/** Tells whether somebody is a member, whatever they may do. */
export function isModelMember(state: ModelState, name: string): boolean {
  const person = personIn(state, name);
  return (
    person.manual.size > 0 ||
    person.retained !== undefined ||
    person.byLogin ||
    mappingsOfLogins(state, person).length > 0 ||
    usersOf(state, name).some(({ link }) => link === "linked")
  );
}

/** What suspends somebody: a lock of a connection only while no other says that the person is active. */
export function modelLocksOf(state: ModelState, name: string): readonly string[] {
  const active = usersOf(state, name).filter((user) => user.link === "linked" && user.active);
  const sources = [...personIn(state, name).locks].filter(
    (lock) =>
      lock === "admin" ||
      lock === "security" ||
      !active.some(({ connection }) => connection !== lock),
  );
  return [
    ...new Set(sources.map((lock) => (lock === "admin" || lock === "security" ? lock : "scim"))),
  ];
}

function givenDirectly(state: ModelState, person: ModelPerson): readonly Given[] {
  const { manual, retained } = person;
  return [
    ...[...manual].map(([place, role]) => ({ place, role, from: undefined })),
    ...(retained === undefined ? [] : [{ place: "", role: retained, from: undefined }]),
    ...mappingsOfLogins(state, person).map(({ team = "", role }) => ({
      place: team,
      role,
      from: undefined,
    })),
  ].filter(({ place }) => isLive(state, place));
}

function mappingsOfLogins(
  { mappings }: ModelState,
  { loginGroups }: ModelPerson,
): readonly ModelMapping[] {
  return [...mappings.values()].filter(
    (mapping) =>
      mapping.connection === undefined &&
      [...loginGroups].some((name) => fits(mapping, { id: name, externalId: name, name })),
  );
}

function givenBy(state: ModelState, user: ModelUser): readonly Given[] {
  const { roles, defaultRole } = state.settings;
  const role =
    user.role === "boss"
      ? "owner"
      : roles.slice(1).includes(user.role ?? "")
        ? user.role
        : user.role && defaultRole;
  const mapped = [...state.mappings.values()].flatMap((mapping) => {
    const group = [...state.groups.values()].find(
      (one) =>
        one.connection === user.connection &&
        (mapping.connection === undefined || mapping.connection === one.connection) &&
        fits(mapping, one) &&
        everybodyIn(state, one.id).has(user.id),
    );
    return group === undefined
      ? []
      : [{ place: mapping.team ?? "", role: mapping.role, from: user }];
  });
  const own = [...state.ownTeams]
    .filter(
      ([, { connection, group }]) =>
        connection === user.connection && everybodyIn(state, group).has(user.id),
    )
    .filter(([place]) => isFollowing(state, place))
    .map(([place]) => ({ place, role: state.settings.groupTeamRole, from: user }));
  return [
    ...(role === undefined ? [] : [{ place: "", role, from: user }]),
    ...[...mapped, ...own].filter(({ place }) => isLive(state, place)),
  ];
}

/** Tells whether a team follows its group: that is there, and has a team by the settings. */
export function isFollowing({ ownTeams, groups, settings }: ModelState, place: string): boolean {
  const group = groups.get(ownTeams.get(place)?.group ?? "");
  return group !== undefined && hasOwnTeam(settings, group);
}

/** Tells whether a group has a team of its own. */
export function hasOwnTeam(
  { groupTeams, groupTeamPrefix }: ModelSettings,
  { name }: Pick<ModelGroup, "name">,
): boolean {
  return groupTeams && name.toLowerCase().startsWith(groupTeamPrefix.toLowerCase());
}

function fits(
  { kind, text }: Pick<ModelMapping, "kind" | "text">,
  { id, externalId, name }: Pick<ModelGroup, "id" | "externalId" | "name">,
): boolean {
  switch (kind) {
    case "id":
      return id === text || externalId === text;
    case "name":
      return name.toLowerCase() === text.toLowerCase();
    case "prefix":
      return name.toLowerCase().startsWith(text.toLowerCase());
    case "regex":
      return new RegExp(text, "i").test(name);
  }
}

/** The ids of all that is in a group, at any depth. */
function everybodyIn({ groups }: ModelState, groupId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (id: string) => {
    for (const member of groups.get(id)?.members ?? []) {
      if (!found.has(member)) {
        found.add(member);
        look(member);
      }
    }
  };
  look(groupId);
  return found;
}

/** Tells whether a place is the tenant itself, or a team that is not archived. */
export function isLive(state: ModelState, place: string): boolean {
  const own = state.ownTeams.get(place);
  return own === undefined
    ? place === "" || state.teams.get(place) === false
    : !own.isHidden && isFollowing(state, place);
}

/** All teams, whosever they are. */
export function allPlaces({ teams, ownTeams }: ModelState): readonly string[] {
  return [...teams.keys(), ...ownTeams.keys()];
}

/** The Users of somebody. */
export function usersOf({ users }: ModelState, person: string): readonly ModelUser[] {
  return [...users.values()].filter((user) => user.person === person);
}

/** What the tenant has on somebody. */
export function personIn({ people }: ModelState, name: string): ModelPerson {
  const person = people.get(name);
  if (person === undefined) {
    throw new TypeError(`there is no ${name}`);
  }
  return person;
}

/** What somebody may do as it was and as it is. */
export interface ModelMove {
  readonly name: string;
  readonly from: ModelAccess;
  readonly to: ModelAccess;
}

/** Lists whose access differs between two states. */
export function modelMoves(before: ModelState, after: ModelState): readonly ModelMove[] {
  return [...after.people.keys()]
    .map((name) => ({ name, from: modelAccessOf(before, name), to: modelAccessOf(after, name) }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}

/** Tells whether somebody is owner. */
export function isOwner({ settings }: ModelState, { role }: ModelAccess): boolean {
  return role !== undefined && role === settings.roles[0];
}

const upwards: readonly ModelAccess["state"][] = ["none", "suspended", "active"];

function isWorse(before: ModelState, after: ModelState, { name, from, to }: ModelMove): boolean {
  const were = modelLocksOf(before, name);
  return (
    upwards.indexOf(to.state) < upwards.indexOf(from.state) ||
    (isModelMember(after, name) && modelLocksOf(after, name).some((lock) => !were.includes(lock)))
  );
}

/** Tells whether what is done to one person is refused: the last owner would go, or somebody who is protected. */
export function isForbidden(before: ModelState, after: ModelState, name: string): boolean {
  const move = { name, from: modelAccessOf(before, name), to: modelAccessOf(after, name) };
  if (personIn(before, name).isProtected && isWorse(before, after, move)) {
    return true;
  }
  const isLost = isOwner(before, move.from) && !isOwner(after, move.to);
  return (
    isLost && ![...after.people.keys()].some((one) => isOwner(after, modelAccessOf(after, one)))
  );
}

/** Gives those what they had who must not lose it by a change of groups, mappings or teams; tells whom. */
export function retainInModel(before: ModelState, after: ModelState): readonly string[] {
  const { roles, defaultRole } = after.settings;
  const moves = modelMoves(before, after);
  const lost = moves.filter(({ from, to }) => isOwner(before, from) && !isOwner(after, to));
  const hasOwner = [...after.people.keys()].some((name) =>
    isOwner(after, modelAccessOf(after, name)),
  );
  const rank = (role: string | undefined) =>
    role === undefined ? roles.length : roles.indexOf(role);
  const keeping = moves.filter(
    (move) =>
      (personIn(after, move.name).isProtected &&
        (isWorse(before, after, move) ||
          (move.from.role !== undefined && rank(move.to.role) > rank(move.from.role)))) ||
      (lost.includes(move) && !hasOwner),
  );
  for (const { name, from } of keeping) {
    personIn(after, name).retained = from.role ?? defaultRole;
  }
  return keeping.map(({ name }) => name);
}

/** Forgets what a membership had that is no more. */
export function endMemberships(before: ModelState, after: ModelState): void {
  for (const [name, person] of after.people) {
    if (isModelMember(before, name) && !isModelMember(after, name)) {
      person.isProtected = false;
      person.byLogin = false;
      person.loginGroups = new Set();
    }
  }
}

/** A copy that can be changed. */
export function copyOf(state: ModelState): ModelState {
  return structuredClone(state);
}
