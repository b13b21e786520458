/** Reads a processor profile as node writes it, and sums its samples by part of the program. */

/** A share of the time the process was busy. */
export interface ProfileShare {
  readonly name: string;
  readonly share: number;
}

/** What a profile shows. */
export interface Profile {
  /** How much of the time the process had something to do. */
  readonly busy: number;
  /** Self time by part of the program. */
  readonly parts: readonly ProfileShare[];
  /** Functions by self time. */
  readonly functions: readonly ProfileShare[];
  /** Our functions by the time they were under way, with everything they called without waiting. */
  readonly underWay: readonly ProfileShare[];
}

/** A `.cpuprofile`, as far as it is read. */
export interface ProfileFile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

const shownParts = 30;
const shownFunctions = 20;

/** Sums a profile. */
export function readProfile({ nodes, samples, timeDeltas }: ProfileFile): Profile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const selfTimes = new Map<number, number>();
  for (const [at, id] of samples.entries()) {
    selfTimes.set(id, (selfTimes.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  }
  const pathOf = (node: ProfileNode): readonly ProfileNode[] => {
    const parent = byId.get(parents.get(node.id) ?? -1);
    return parent === undefined ? [node] : [node, ...pathOf(parent)];
  };
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  const underWay = new Map<string, number>();
  let total = 0;
  let busy = 0;
  for (const node of nodes) {
    const time = selfTimes.get(node.id) ?? 0;
    total += time;
    if (time === 0 || node.callFrame.functionName === "(idle)") {
      continue;
    }
    busy += time;
    const path = pathOf(node);
    add(parts, partOf(path), time);
    add(functions, functionOf(path), time);
    const ours = path.filter(({ callFrame }) => callFrame.url.includes("/packages/"));
    for (const name of new Set(ours.map(nameOf))) {
      add(underWay, name, time);
    }
  }
  return {
    busy: busy / total,
    parts: largest(parts, busy, shownParts),
    functions: largest(functions, busy, shownFunctions),
    underWay: largest(underWay, busy, shownFunctions),
  };
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

function largest(times: ReadonlyMap<string, number>, busy: number, max: number): ProfileShare[] {
  return [...times]
    .map(([name, time]) => ({ name, share: time / busy }))
    .filter(({ share }) => share >= 0.003)
    .sort((one, other) => other.share - one.share)
    .slice(0, max);
}

/** The part of the program that a sample belongs to; native code belongs to what called it. */
function partOf(path: readonly ProfileNode[]): string {
  const [node] = path;
  const special = node === undefined ? "" : specialName(node);
  if (special !== "") {
    return special;
  }
  const [known] = path.filter(({ callFrame }) => callFrame.url !== "");
  const { url = "" } = known?.callFrame ?? {};
  // Calls into native code have no frame of their own: SQLite works in the frame of its caller.
  return url.includes("/store/sqlite/") ? "SQLite itself, with store/sqlite" : placeOf(url);
}

function specialName({ callFrame: { functionName } }: ProfileNode): string {
  switch (functionName) {
    case "(garbage collector)":
      return "garbage collection";
    case "(program)":
      return "node itself (network, event loop)";
    default:
      return "";
  }
}

/** Folders of ours, packages of others, modules of node. */
function placeOf(url: string): string {
  const ours = /\/packages\/(\w+)\/(?:dist|src)\/(?:(.+)\/)?([\w.-]+)$/.exec(url);
  if (ours !== null) {
    return `${ours[1] === "scim" ? "library" : "server"}: ${ours[2] ?? ours[3]}`;
  }
  const others = /\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//.exec(url);
  if (others !== null) {
    return others[1] ?? "";
  }
  const node = /^node:(?:internal\/)?([\w-]+)/.exec(url);
  return node === null ? "everything else" : `node: ${node[1]}`;
}

function functionOf(path: readonly ProfileNode[]): string {
  const [node] = path;
  if (node === undefined || node.callFrame.functionName.startsWith("(")) {
    return node === undefined ? "" : specialName(node) || node.callFrame.functionName;
  }
  if (node.callFrame.url === "") {
    return `${node.callFrame.functionName} (native), in ${partOf(path)}`;
  }
  return nameOf(node);
}

function nameOf({ callFrame: { functionName, url } }: ProfileNode): string {
  const file = url.replace(/^.*\/packages\//, "").replace(/^.*\/node_modules\//, "");
  return `${functionName || "(anonymous)"}, ${file.replace("/dist/", "/")}`;
}
