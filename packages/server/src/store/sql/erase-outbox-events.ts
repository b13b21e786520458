/** Erases what the outbox says of a person; the events stay, with their ids, types and order. */
import type { JsonObject } from "@rollcall/scim";
import { sameJson } from "@rollcall/scim";
import { erasedEventData } from "../../domain/erased-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { outboxEvents } from "./outbox.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { ReadScript, Script, Verdict } from "./script.ts";
import { statement } from "./statement.ts";

/** How many events are looked at in one go: there is no index by whom they are about, which every write would pay for. */
const readAtOnceMax = 1000;

/** Walks all events of a tenant that are numbered, and writes those about some resources without what is personal. */
export async function eraseOutboxEvents(
  tenantId: TenantId,
  resourceIds: readonly string[],
  { readOnce, write }: { readonly readOnce: ReadScript; readonly write: RunWrite },
): Promise<void> {
  const wanted = new Set(resourceIds);
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: readonly EventAt[] = await readOnce(
      outboxEvents(tenantId, { after, limit: readAtOnceMax }),
    );
    const erased = page.flatMap(({ resourceId, position, data }): EventAt[] => {
      const left = erasedEventData(data);
      return wanted.has(resourceId) && !sameJson(left, data)
        ? [{ resourceId, position, data: left }]
        : [];
    });
    if (erased.length > 0) {
      await write(() => saveData(tenantId, erased));
    }
    after = page.at(-1)?.position;
  }
}

interface EventAt {
  readonly position: number;
  readonly resourceId: string;
  readonly data: JsonObject;
}

function* saveData(tenantId: TenantId, events: readonly EventAt[]): Script<Verdict<void>> {
  yield events.map(({ position, data }) =>
    statement(
      `UPDATE outbox_events SET data = ? WHERE tenant_id = ? AND position = ?`,
      JSON.stringify(data),
      tenantId,
      position,
    ),
  );
  return { kind: "keep", result: undefined };
}
