/** Which test shows what other systems taught: each promise in a sentence, with the tests that fail when it is broken. */
import { groupLessons, loginLessons } from "./access-lessons.ts";
import type { Lesson } from "./lesson.ts";

const accounts = "test/e2e/accounts.test.ts";
const lessons = "test/e2e/lessons.test.ts";
const postTable = "test/e2e/post-table.test.ts";
const store = "packages/server/src/store";
const access = `${store}/access-contract.ts`;
const account = `${store}/account-contract.ts`;
const attach = `${store}/attach-contract.ts`;
const audit = `${store}/audit-contract.ts`;
const mail = `${store}/mail-contract.ts`;
const domain = "packages/server/src/domain";
const admin = "packages/server/src/http/admin";
const people = `${admin}/people.test.ts`;
const app = "packages/server/src/http/app.test.ts";
const leaving = "conformance/lessons/people-who-leave.test.ts";
const delivery = "packages/server/src/delivery";
const webhooks = "test/e2e/webhooks.test.ts";
const webhookQueue = `${store}/webhook-queue-contract.ts`;
const exampleApp = "test/e2e/example-app.test.ts";
const operator = "conformance/lessons/operator-view.test.ts";

/** Accounts, links and who is attached. */
const attaching: readonly Lesson[] = [
  {
    promise:
      "A POST of somebody with an account elsewhere attaches it with the asked role: 201, one mail",
    shownBy: [
      [postTable, "4, an account elsewhere"],
      [attach, "with the role that is asked for, which the mail tells"],
      [accounts, "64 POSTs at once attach an account of another tenant once"],
    ],
  },
  {
    promise: "Who is a member already gets no mail, and who is new gets none either",
    shownBy: [
      [postTable, "3, a member"],
      [postTable, "2, nobody"],
      [attach, "I5: of an account that the connection made nobody is told"],
    ],
  },
  {
    promise: "The row, number by number, with accounts in play",
    shownBy: [
      [postTable, "1, no userName"],
      [postTable, "5, the address of another live User"],
      [postTable, "6, inactive"],
      [postTable, "7, unchanged"],
      [postTable, "8, renamed"],
      [postTable, "9, externalId set"],
      [postTable, "10, another externalId"],
      [postTable, "11, A and B"],
      [postTable, "12, A alone"],
      [postTable, "13, a tombstone of this externalId"],
      [attach, "POST row 13: a second john.smith gets nobody else's account"],
      [accounts, "64 POSTs at once attach"],
    ],
  },
  {
    promise: "Absent at the look-up and taken at the insert ends in attachment",
    shownBy: [
      [attach, "of two tenants that create one person at once the second attaches"],
      [account, "of many creates for one person in two connections one account comes"],
    ],
  },
  {
    promise: "What is rolled back or refused leaves no account, no event and no mail",
    shownBy: [
      [attach, "a create that comes too late leaves no account, no event and no mail"],
      [`${store}/undone-notices.test.ts`, "what was staged before a script throws"],
      [accounts, "of many who would be attached by one userName at once one is"],
      [`${store}/sqlite/crash.test.ts`, "nothing acknowledged is lost when the process is killed"],
    ],
  },
  {
    promise: "A mail whose person or tenant is gone is not sent",
    shownBy: [
      [account, "what waits for somebody who is erased is sent to nobody"],
      [mail, "go with their tenant"],
    ],
  },
  {
    promise: "Never: a tenant changes the login e-mail of an account that it does not own (I1)",
    shownBy: [
      [account, "I1: the login e-mail follows only where the tenant owns account and both domains"],
      [lessons, "victim invariance: under $attachPolicy"],
      [
        account,
        "victim invariance: no policy and no operation changes the account of somebody else",
      ],
    ],
  },
  {
    promise: "What one tenant does ends nothing in another (I2)",
    shownBy: [
      [lessons, "ends access and sessions here alone"],
      [leaving, "deactivated or deleted in one tenant is untouched in every other"],
    ],
  },
  {
    promise:
      "Attaching makes no way to log in (I3), and no answer shows what the account holds (I6)",
    shownBy: [[lessons, "or shows them (I1, I2, I3, I6)"]],
  },
  {
    promise:
      "No answer tells whether there is an account elsewhere, or that its person has left (I4)",
    shownBy: [
      [lessons, "no answer to any verb tells whether there is an account"],
      [accounts, "no answer tells whether somebody has an account elsewhere"],
      [`${domain}/attach-policy.test.ts`, "I4: under verified-only the answer is the same"],
    ],
  },
  {
    promise:
      "Becoming and ceasing to be a member is mailed: at once first, then in one digest (I5)",
    shownBy: [
      [attach, "I5: whoever has an account of their own is told at once"],
      [mail, "the first notice is due at once, what follows within 24 hours is one digest"],
    ],
  },
  {
    promise: "Links in mails show a page, and only its button acts",
    shownBy: [
      [accounts, "the link in the mail shows a page, and only its form leaves"],
      ["packages/server/src/http/person-pages.test.ts", "looked at as often as one likes"],
    ],
  },
  {
    promise: "What a pending link gives does not count before it is accepted (I7)",
    shownBy: [
      [attach, "I7: what a pending link would give counts from its acceptance on"],
      [`${domain}/effective-access-properties.test.ts`, "I7: a pending or declined link changes"],
    ],
  },
  {
    promise: "Who registered an address that is not proven is only invited, under every policy",
    shownBy: [
      [attach, "an account that nobody has proven and that can log in is only invited"],
      [`${domain}/attach-policy.test.ts`, "§3: $policy × domain verified"],
    ],
  },
  {
    promise: "Who has left is not attached again by any sync",
    shownBy: [
      [access, "who leaves is not attached again by any sync"],
      [accounts, "no sync attaches them again"],
    ],
  },
  {
    promise:
      "A connector that is made again finds people, roles and locks as they were, and mails nobody",
    shownBy: [
      [lessons, "a connector that is made again finds its people as they were"],
      ["conformance/lessons/recreated-connector.test.ts", "everybody is posted again and nothing"],
    ],
  },
];

/** Deactivation, locks, protection and roles. */
const locking: readonly Lesson[] = [
  {
    promise: 'Every verb that deactivates ends access and sessions, the text "False" included',
    shownBy: [
      [lessons, "ends access and sessions here alone"],
      [leaving, "takes access away in every verb"],
      [people, "between the commit and the answer of SCIM access is refused already"],
    ],
  },
  {
    promise: "Deactivated people stay readable and come back with what they had",
    shownBy: [
      [leaving, "a deactivated person is still found by id, by name and in lists"],
      [access, "deactivating suspends, activating lifts that alone"],
    ],
  },
  {
    promise:
      "active: true clears the lock of its own connection; those of admins, security and erasure stay, in every order",
    shownBy: [
      [access, "activating clears the lock of its own connection alone, in every order of locks"],
      [`${domain}/membership-edit.test.ts`, "lifting one lock leaves every other where it was"],
      [accounts, "an admin's lock survives active: true"],
    ],
  },
  {
    promise: "Never: a lock vanishes with its User, or leaves a session alive",
    shownBy: [[access, "an admin's lock ends sessions, and outlives DELETE, POST and leaving"]],
  },
  {
    promise: "Never: a PUT without active brings back whom somebody has deactivated",
    shownBy: [[leaving, "a PUT that leaves active out does not bring anybody back"]],
  },
  {
    promise: "Who was deleted can come back, to the same account; who was adopted can go",
    shownBy: [
      [accounts, "DELETE and POST lead back to the account"],
      [attach, "POST row 13: who comes back finds the account again"],
      [leaving, "an adopted person can be offboarded like any other"],
    ],
  },
  {
    promise: "Moving from one connection to another locks nobody out",
    shownBy: [[access, "moving from one connection to another locks nobody out"]],
  },
  {
    promise:
      "Owners and protected members are not removed, deactivated or demoted by a sync: 403, one entry",
    shownBy: [
      [lessons, "is refused for a protected member, once in the audit log"],
      [access, "the last owner is neither deactivated nor deleted"],
      [access, "the last owner keeps the role that a sync would take"],
      [access, "of two owners who are deactivated at once one stays"],
      [people, "the last owner and a protected member are refused"],
    ],
  },
  {
    promise:
      "Roles are read in every shape, raised and lowered; unknown ones are the default, a PUT without them keeps them",
    shownBy: [
      [lessons, "is the role, goes up and down, and stays when a PUT leaves it out"],
      [`${domain}/roles-attribute.test.ts`, "roles: %s"],
      [access, "roles come to a role of the tenant, up and down"],
    ],
  },
  {
    promise: "Grants by hand are touched by no sync",
    shownBy: [
      [attach, "POST row 3: a member is linked, without a mail; what a human decided stays"],
      [access, "DELETE keeps a membership that was given by hand, suspended"],
    ],
  },
];

/** Tokens, connections, audit and mail. */
const operating: readonly Lesson[] = [
  {
    promise: "Tokens: many, named, hashed, shown once, revoked alone; a changed one is refused",
    shownBy: [
      [operator, "many tokens of one connection work at once, one is revoked alone"],
      ["packages/server/src/cli/main.test.ts", "a name is taken while a token of that name works"],
      ["packages/server/src/compose.test.ts", "the token is nowhere on the disk"],
      [`${admin}/admin-endpoint.test.ts`, "show their token once, work, are listed without it"],
    ],
  },
  {
    promise: "A token of the admin API is refused on SCIM, and the other way round",
    shownBy: [
      [app, "no route × bad credential × spelling ever succeeds"],
      [app, "a good token opens nothing but SCIM"],
    ],
  },
  {
    promise: "Too many requests are 429 with Retry-After, and no other token pays",
    shownBy: [[app, "a token that sends too fast gets 429 with Retry-After"]],
  },
  {
    promise: "A connection that is disabled refuses everybody, and loses nothing",
    shownBy: [
      [operator, "a disabled connection refuses everything and loses nothing"],
      [app, "a disabled connection is 403 with a good token, 401 with a bad one"],
    ],
  },
  {
    promise:
      "Every 409 and 400 is explained in the log by attribute and ids, without anything personal",
    shownBy: [
      [operator, "every 409 and 400 is explained in the request log"],
      [
        lessons,
        "a refused attachment is explained in the request log by attribute, and names nobody",
      ],
    ],
  },
  {
    promise:
      "Every change is in the audit log, by whom and in which request; refusals on protected members too",
    shownBy: [
      [`${admin}/audit-of-changes.test.ts`, "each change leaves its entry"],
      [`${admin}/audit-of-changes.test.ts`, "the steps are all the operations that change"],
      [operator, "every change leaves one audit entry and its events"],
      [accounts, "the last owner stays, and every entry of the audit log is in its place"],
    ],
  },
  {
    promise: "Deleting a person leaves entries with copies, and never fails because of them",
    shownBy: [
      [operator, "every change leaves one audit entry and its events"],
      [account, "the User they were can go and come"],
      [audit, "forgets a person, and its chain holds"],
    ],
  },
  {
    promise: "Values that must not be shown are masked, and cells of an export compute nothing",
    shownBy: [
      [`${domain}/consequences.test.ts`, "values of attributes that are never returned"],
      ["packages/server/src/cli/audit.test.ts", "as CSV has no cell that a spreadsheet computes"],
    ],
  },
  {
    promise: "A log that somebody has changed is found out",
    shownBy: [
      [`${store}/audit-tampering.test.ts`, "every change behind the back of the store is found"],
    ],
  },
  {
    promise: "An SMTP server that fails holds up nobody else, and no mail is sent twice",
    shownBy: [
      [
        "packages/server/src/delivery/send-mails.test.ts",
        "is tried again later, and stops nobody else",
      ],
      [
        "packages/server/src/delivery/send-mails.test.ts",
        "several senders on one queue send each mail once",
      ],
      [mail, "a tenant with many does not hold up the others"],
    ],
  },
  {
    promise: "Ids of another tenant or connection answer like random ones",
    shownBy: [
      ["packages/server/src/http/scim-endpoint.test.ts", "answer like random ones"],
      [people, "gets the same answer about a foreign account as about nobody"],
    ],
  },
];

/** Events, webhooks and what an application reads. */
const telling: readonly Lesson[] = [
  {
    promise: "Never: one webhook that fails or hangs holds up another one",
    shownBy: [
      [webhooks, "a receiver that is down for an hour gets everything in order; another of the"],
      [webhooks, "a receiver that hangs has few requests at a time, and nobody waits for it"],
      [webhooks, "410 disables a webhook and no other"],
      [`${delivery}/deliver-webhooks.test.ts`, "dozens of receivers that hang hold up nobody else"],
      [webhookQueue, "of one webhook only so many are under way, whoever asks"],
    ],
  },
  {
    promise: "Never: a receiver's 204 loops for ever",
    shownBy: [
      [webhooks, "a receiver that answers 204 is told everything, once, verifiably"],
      [`${delivery}/send-webhook.test.ts`, "%i is success, with or without a body"],
    ],
  },
  {
    promise: "Webhooks are signed, with a secret that can be changed over without a gap",
    shownBy: [
      [`${delivery}/send-webhook.test.ts`, "verifies with the library, and says whose event it is"],
      [`${delivery}/send-webhook.test.ts`, "is signed with both secrets during a rotation"],
      [`${admin}/webhooks.test.ts`, "a rotation is signed for with both secrets for a day"],
    ],
  },
  {
    promise: "What was delivered is listed with its event, status and error, and delivered again",
    shownBy: [
      [`${store}/webhook-contract.ts`, "deliveries are listed the latest first, page by page and"],
      [`${admin}/webhooks.test.ts`, "what happens is delivered, listed and delivered again"],
      ["packages/server/src/cli/audit.test.ts", "has the members that programs count on, in order"],
    ],
  },
  {
    promise: "Events are kept for 90 days, deliveries and dead letters for their time, and then go",
    shownBy: [
      [`${admin}/event-feed.test.ts`, "90 days, and no day less"],
      [`${store}/outbox-contract.ts`, "what is older than a time goes, in order and in its tenant"],
      [
        `${store}/webhook-contract.ts`,
        "what was settled goes when its time is over, and what waits",
      ],
    ],
  },
  {
    promise: "Users, Groups and memberships are told of, and the life of connections",
    shownBy: [
      ["test/e2e/feed-invariant.test.ts", "users and groups in every way a client changes them"],
      [`${store}/connection-contract.ts`, "the application is told of each change, in the"],
    ],
  },
  {
    promise: "Applications read Users, Groups and their members, page by page",
    shownBy: [
      [`${admin}/resources.test.ts`, "Users, Groups and members come page by page, each once"],
      [`${store}/page-contract.ts`, "whoever is there all the while is found, though others go"],
      [exampleApp, "who comes, is renamed and goes in a gap of the feed is known after it"],
    ],
  },
  {
    promise: "Never: an application lets somebody in because two events came in another order",
    shownBy: [[exampleApp, "who signs in between the end of sessions and the end of access"]],
  },
];

/** Every lesson that is built. */
export const lessonsMap: readonly Lesson[] = [
  ...attaching,
  ...locking,
  ...operating,
  ...telling,
  ...groupLessons,
  ...loginLessons,
];
