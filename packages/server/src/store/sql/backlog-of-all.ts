/** Figures of the whole instance. Counts of what may be much end at a limit, so that asking again and again costs little. */
import type { Backlog, EndingCredentials } from "../../domain/instance-figures.ts";
import { countedMax, endingDays } from "../../domain/instance-figures.ts";
import type { DeliveryState } from "../../domain/webhook.ts";
import { neverDue } from "./mails.ts";
import type { Script, StatementResult } from "./script.ts";
import { rowsIn } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

const dayMs = 86_400_000;

/** Counts what waits in all tenants. */
export function* backlogOfAll({ writers }: Pick<SqlDialect, "writers">): Script<Backlog> {
  const [tenants, mails, locks, webhooks, waitingFor, dead, oldest, events] = yield [
    statement(
      `SELECT count(*) AS tenants, CAST(coalesce(sum(last_outbox_position), 0) AS BIGINT) AS events
       FROM tenants`,
    ),
    statement(
      `SELECT count(*) AS unsent, count(CASE WHEN m.due_at = ? THEN 1 END) AS given_up
       FROM (SELECT due_at FROM mails WHERE sent_at IS NULL LIMIT ?) AS m`,
      neverDue,
      countedMax,
    ),
    statement(
      `SELECT l.source, count(*) AS locks FROM (SELECT source FROM locks LIMIT ?) AS l
       GROUP BY l.source`,
      countedMax,
    ),
    statement(`SELECT count(*) AS webhooks, count(w.disabled_at) AS disabled FROM webhooks AS w`),
    deliveriesIn("waiting"),
    deliveriesIn("dead"),
    statement(
      `SELECT min(d.event_at) AS oldest FROM webhooks AS w CROSS JOIN webhook_deliveries AS d
       WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.webhook_id AND d.position = (
         SELECT min(f.position) FROM webhook_deliveries AS f
         WHERE f.tenant_id = w.tenant_id AND f.webhook_id = w.webhook_id AND f.state = 'waiting')`,
    ),
    // Where one transaction writes at a time an event has its number from the beginning.
    ...(writers === "one"
      ? []
      : [
          statement(
            `SELECT count(*) AS unnumbered, min(e.at) AS oldest
             FROM (SELECT at FROM outbox_events WHERE position IS NULL LIMIT ?) AS e`,
            countedMax,
          ),
        ]),
  ];
  const [sums] = rowsIn<{ tenants: number; events: number }>(tenants);
  const [unsent] = rowsIn<{ unsent: number; given_up: number }>(mails);
  const [waiting] = rowsIn<{ unnumbered: number; oldest: string | null }>(events);
  const [hooks] = rowsIn<{ webhooks: number; disabled: number }>(webhooks);
  const [first] = rowsIn<{ oldest: string | null }>(oldest);
  const disabled = hooks?.disabled ?? 0;
  const givenUp = unsent?.given_up ?? 0;
  return {
    tenants: sums?.tenants ?? 0,
    events: sums?.events ?? 0,
    unnumberedEvents: waiting?.unnumbered ?? 0,
    oldestUnnumbered: waiting?.oldest ?? undefined,
    mails: { waiting: (unsent?.unsent ?? 0) - givenUp, givenUp },
    webhooks: {
      enabled: (hooks?.webhooks ?? 0) - disabled,
      disabled,
      waiting: deliveryCount(waitingFor),
      dead: deliveryCount(dead),
      oldest: first?.oldest ?? undefined,
    },
    locks: Object.fromEntries(
      rowsIn<{ source: string; locks: number }>(locks).map((row) => [row.source, row.locks]),
    ),
  };
}

/** From webhook to webhook, of which there are few, whatever else there is of deliveries. */
function deliveriesIn(state: DeliveryState): Statement {
  return statement(
    `SELECT count(*) AS deliveries FROM (
       SELECT d.position FROM webhooks AS w CROSS JOIN webhook_deliveries AS d
       WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.webhook_id AND d.state = ? LIMIT ?) AS q`,
    state,
    countedMax,
  );
}

function deliveryCount(result: StatementResult | undefined): number {
  return rowsIn<{ deliveries: number }>(result)[0]?.deliveries ?? 0;
}

/** Counts the live credentials that end soon; goes through all of them, so rarely. */
export function* endingCredentials(nowMs: number): Script<EndingCredentials> {
  const counts = endingDays
    .map((_, index) => `count(CASE WHEN expires_at <= ? THEN 1 END) AS within_${index}`)
    .join(", ");
  const times = endingDays.map((days) => new Date(nowMs + days * dayMs).toISOString());
  const now = new Date(nowMs).toISOString();
  const [scim, admin] = yield [
    statement(
      `SELECT ${counts} FROM credentials WHERE revoked_at IS NULL AND expires_at > ?`,
      ...times,
      now,
    ),
    statement(
      `SELECT ${counts} FROM admin_credentials WHERE revoked_at IS NULL AND expires_at > ?`,
      ...times,
      now,
    ),
  ];
  return { scim: countsIn(scim), admin: countsIn(admin) };
}

function countsIn(result: StatementResult | undefined): readonly number[] {
  const [row] = rowsIn<Readonly<Record<string, number>>>(result);
  return endingDays.map((_, index) => row?.[`within_${index}`] ?? 0);
}
