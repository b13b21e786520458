/** The turn of one request: a place among those under way, given up for as long as the request waits for its client. */
import { ScimError } from "@rollcall/scim";
import type { FairShare, Place } from "./fair-share.ts";

/** A turn. */
export interface TenantTurn {
  /** Does what only waits, without a place; settles when it is done and there is a place again. */
  away<Result>(waiting: () => Promise<Result>): Promise<Result>;
}

/** Answers when it is the turn of a tenant; the place is free when the work is done, not when its time is up. */
export async function inTurn<Result>(
  { enter }: Pick<FairShare, "enter">,
  { tenant, isOver }: { readonly tenant: string; readonly isOver: () => boolean },
  work: (turn: TenantTurn) => Promise<Result>,
): Promise<Result | Extract<Place, { kind: "full" }>> {
  let place = await enter(tenant, isOver);
  if (place.kind === "full") {
    return place;
  }
  const turn: TenantTurn = {
    away: async (waiting) => {
      leave(place);
      const result = await waiting();
      place = await enter(tenant, isOver);
      if (place.kind === "full") {
        throw turnedAway(place);
      }
      return result;
    },
  };
  try {
    return await work(turn);
  } finally {
    leave(place);
  }
}

function leave(place: Place): void {
  if (place.kind === "taken") {
    place.leave();
  }
}

/** The error of a request for which there is no place to wait in (RFC 6585 §4). */
export function turnedAway({ retryAfterSeconds }: Extract<Place, { kind: "full" }>): ScimError {
  return new ScimError(429, "Too many requests of this tenant wait already; slow down.", {
    headers: { "Retry-After": String(retryAfterSeconds) },
    reason: "fair share of the tenant; those that follow at once are not logged",
  });
}
