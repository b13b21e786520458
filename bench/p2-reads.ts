/** P2: reads against an HTTP server that answers a constant of the same size. */
import type { Finding, PromiseReport } from "./finding.ts";
import { atLeast, atMost, milliseconds, orientation, rate } from "./finding.ts";
import { interleave } from "./interleave.ts";
import type { Slice } from "./load.ts";
import { expectStatus } from "./load.ts";
import { ask } from "./server-process.ts";
import { drawUsers, lookupReads, lookups, pointReads } from "./user-requests.ts";
import type { Workplace } from "./workplace.ts";
import { checkedSlice, many, slice, withWire } from "./workplace.ts";

/** Measures it. */
export async function reads(place: Workplace): Promise<PromiseReport> {
  const { scale } = place;
  const site = await place.site({ users: scale.small });
  const server = await place.server(site);
  const { directory } = site;
  const path = `/Users/${directory.userIdAt(0)}`;
  const user = await withWire(server, (wire) => ask(wire, server, { method: "GET", path }, 200));
  const bare = await place.bare({ kind: "constant", body: JSON.stringify(user) });
  const drawn = (at: number) => drawUsers(directory, scale.requests, at);
  const constantRequests = many(scale.requests, () => bare.encode({ method: "GET", path }));
  const sides: Record<string, (at: number) => Promise<Slice>> = {
    constant: () => slice(bare, scale.connections, constantRequests, expectStatus(200)),
    "by id": (at) =>
      checkedSlice(server, scale.connections, pointReads(server, directory, drawn(at))),
  };
  for (const [name, filterOf] of Object.entries(lookups)) {
    sides[name] = (at) =>
      checkedSlice(server, scale.connections, lookupReads(server, directory, drawn(at), filterOf));
  }
  const measured = await interleave(sides, scale.slices);
  const [constant, point] = [measured["constant"], measured["by id"]];
  if (constant === undefined || point === undefined) {
    throw new TypeError("both have been measured");
  }
  const findings: Finding[] = [
    {
      what: "GET /Users/{id}, 32 connections",
      ours: rate(point.perSecond),
      against: `constant ${rate(constant.perSecond)}`,
      ...atLeast(point.perSecond / constant.perSecond, 0.6),
    },
    {
      what: "the same, p50 and p99",
      ours: `${milliseconds(point.p50Ms)}, ${milliseconds(point.p99Ms)}`,
      against: `${milliseconds(constant.p50Ms)}, ${milliseconds(constant.p99Ms)}`,
      ratio: "",
      ...orientation,
    },
  ];
  for (const name of Object.keys(lookups)) {
    const lookup = measured[name];
    findings.push({
      what: `GET /Users?filter=${name}`,
      ours: rate(lookup?.perSecond ?? 0),
      against: `GET by id ${rate(point.perSecond)}`,
      ...atMost(point.perSecond / (lookup?.perSecond ?? 0), 1.5),
    });
  }
  return {
    promise: "P2",
    title: "Reads",
    findings,
    notes: [
      `Directory of ${scale.small} users; the constant is the same ${JSON.stringify(user).length} characters from a plain \`node:http\` server. ` +
        "The ratio of a look-up is its cost over the cost of a GET by id.",
    ],
  };
}
