/**
 * The application's own users: who they are, what they may do, and who is signed in. An event is applied together with
 * the cursor behind it, in one write: a process that is killed goes on exactly where it was. Here the table is a file
 * that is replaced as a whole; with a database it is one transaction.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** How many ids of events are remembered, to leave out what is told again. */
const rememberedMax = 10_000;
/** By how much the clocks of this application and of Rollcall may differ. */
const clockDifferenceMsMax = 5 * 60_000;

/** Opens the table in a file; a file that is not there yet is an empty table. */
export function openUserTable(file) {
  const empty = { users: {}, access: {}, sessions: {}, told: [], cursor: undefined, loaded: "" };
  const state = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : empty;

  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };

  return {
    /** Behind the last event of the feed that was applied; undefined before the first one. */
    cursor: () => state.cursor,

    /** Applies an event once, however often it is told. */
    apply(event) {
      if (isOverLoaded(state, event)) {
        applyEnd(state, event);
      } else if (!state.told.includes(event.id)) {
        applyEvent(state, event);
        state.told = [...state.told, event.id].slice(-rememberedMax);
      }
      // An event of a webhook has no cursor.
      state.cursor = event.cursor ?? state.cursor;
      save();
    },

    /**
     * Takes what there is now in place of everything known, for one who has missed events. Revisions are forgotten with
     * it: after a restore of Rollcall's database they begin lower. The events behind the cursor all count again.
     */
    replaceAll({ users, members, cursor, startedMs }) {
      state.users = Object.fromEntries(
        users.map((user) => [user.id, userOf(user.attributes, user)]),
      );
      state.access = Object.fromEntries(
        members.map(({ accountId, role, effective }) => [
          accountId,
          { state: effective ? "active" : "none", role, revision: 0 },
        ]),
      );
      for (const [session, accountId] of Object.entries(state.sessions)) {
        if (!isLetIn(state, accountId)) {
          delete state.sessions[session];
        }
      }
      state.told = [];
      state.cursor = cursor;
      state.loaded = new Date(startedMs + clockDifferenceMsMax).toISOString();
      save();
    },

    /** Everybody, as the application shows them. */
    list() {
      return Object.entries(state.users)
        .filter(([, user]) => !user.isDeleted)
        .map(([id, { userName, name, accountId }]) => {
          const { state: access = "none", role = null } = state.access[accountId] ?? {};
          return { id, userName, name, access, role };
        });
    },

    /** Signs somebody in who has shown who they are; undefined for whom nobody lets in. */
    signIn(userName) {
      const user = Object.values(state.users).find(
        (one) => !one.isDeleted && one.userName.toLowerCase() === userName.toLowerCase(),
      );
      if (user === undefined || !isLetIn(state, user.accountId)) {
        return undefined;
      }
      const session = randomBytes(24).toString("base64url");
      state.sessions[session] = user.accountId;
      save();
      return session;
    },

    /** Who is signed in with a session; undefined when it has ended, or nobody lets its owner in any more. */
    signedIn(session) {
      const accountId = Object.hasOwn(state.sessions, session)
        ? state.sessions[session]
        : undefined;
      const user = Object.values(state.users).find(
        (one) => !one.isDeleted && one.accountId === accountId,
      );
      return user === undefined || !isLetIn(state, accountId)
        ? undefined
        : { userName: user.userName, role: state.access[accountId].role };
    },
  };
}

function isLetIn(state, accountId) {
  return accountId !== undefined && state.access[accountId]?.state === "active";
}

/**
 * Tells whether a webhook brings what may be from before everything was loaded: it would undo what is newer. Nothing is
 * lost, because the feed tells all that came since, behind the cursor of the loading.
 */
function isOverLoaded(state, { cursor, timestamp }) {
  return cursor === undefined && timestamp < state.loaded;
}

/** Ending a session too many does no harm, one too few does. */
function applyEnd(state, { type, data }) {
  if (type === "sessions.revoke") {
    endSessions(state, accountOf(state, data));
  }
}

function applyEvent(state, { type, data }) {
  if (data.access !== undefined) {
    applyAccess(state, data);
  }
  switch (type) {
    case "user.created":
    case "user.updated":
    case "user.deactivated":
    case "user.reactivated":
      return applyUser(state, data);
    case "user.deleted":
      return applyDeletion(state, data);
    case "sessions.revoke":
      return endSessions(state, accountOf(state, data));
    case "account.deleted":
      return forget(state, data.id);
    default:
      // Groups do not matter here, and a later version of the server may tell more.
      return undefined;
  }
}

/** Events of one person may come late when they are told again: the larger revision wins. */
function isOld(known, revision) {
  return known !== undefined && known.revision >= revision;
}

function applyAccess(state, { accountId, access, accessRevision }) {
  if (!isOld(state.access[accountId], accessRevision)) {
    const { state: word, role } = access;
    state.access[accountId] = { state: word, role, revision: accessRevision };
    // A sessions.revoke about the User may have come before this, and somebody signed in since.
    if (word !== "active") {
      endSessions(state, accountId);
    }
  }
}

function applyUser(state, { id, resource, revision, accountId }) {
  const known = state.users[id];
  if (!isOld(known, revision)) {
    // The account is told when it is new or different.
    state.users[id] = userOf(resource, { revision, accountId: accountId ?? known?.accountId });
  }
}

function userOf({ userName, name, displayName }, { revision, accountId }) {
  return {
    userName,
    name: displayName ?? name?.formatted ?? userName,
    accountId: accountId ?? undefined,
    revision,
  };
}

/** What is deleted is remembered, so that an event told late does not bring it back. */
function applyDeletion(state, { id, revision }) {
  state.users[id] = {
    userName: "",
    accountId: state.users[id]?.accountId,
    revision,
    isDeleted: true,
  };
}

function accountOf(state, { id, resourceType, accountId }) {
  return resourceType === "Account" ? id : (accountId ?? state.users[id]?.accountId);
}

function endSessions(state, accountId) {
  for (const [session, owner] of Object.entries(state.sessions)) {
    if (owner === accountId) {
      delete state.sessions[session];
    }
  }
}

function forget(state, accountId) {
  endSessions(state, accountId);
  delete state.access[accountId];
  for (const [id, user] of Object.entries(state.users)) {
    if (user.accountId === accountId) {
      delete state.users[id];
    }
  }
}
