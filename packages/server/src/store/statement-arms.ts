/** Reads the text of a statement as far as its arms: each SELECT, INSERT, UPDATE or DELETE in it, with its tables. */

/** A word, a placeholder (`?`), a text (`'`), a sign, or what stands in parentheses. */
export type Node = string | readonly Node[];

/** A table of an arm. */
export interface ArmTable {
  readonly name: string;
  readonly alias: string;
}

/** One SELECT, INSERT, UPDATE or DELETE, without those inside it. */
export interface Arm {
  readonly verb: string;
  readonly nodes: readonly Node[];
  /** Tables, and tables that WITH makes, but no functions and no subqueries. */
  readonly tables: readonly ArmTable[];
  /** The arm around it. */
  readonly outer: Arm | undefined;
}

const verbs: ReadonlySet<string> = new Set(["select", "insert", "update", "delete"]);

/** What ends the list of tables that FROM begins. */
const fromEnds: ReadonlySet<string> = new Set([
  "where",
  "group",
  "order",
  "limit",
  "offset",
  "returning",
  "set",
  "on",
  "for",
  "having",
]);

const joinWords: ReadonlySet<string> = new Set([
  "join",
  "cross",
  "left",
  "right",
  "inner",
  "outer",
]);

/** Reads a text. Words are in lower case and without quotes, numbered placeholders without their number. */
export function parseNodes(sql: string): readonly Node[] {
  const open: Node[][] = [[]];
  for (const [token] of sql.matchAll(/"[^"]*"|'(?:[^']|'')*'|\$\d+|[A-Za-z_]\w*|\d+|[^\s]/g)) {
    const nodes = open.at(-1) ?? [];
    if (token === "(") {
      open.push([]);
    } else if (token === ")") {
      open.pop();
      open.at(-1)?.push(nodes);
    } else {
      nodes.push(normalised(token));
    }
  }
  return open[0] ?? [];
}

function normalised(token: string): string {
  if (token.startsWith("$")) {
    return "?";
  }
  return token.startsWith("'") ? "'" : token.replaceAll('"', "").toLowerCase();
}

/** Lists every arm of a statement. */
export function armsOf(nodes: readonly Node[], outer?: Arm): readonly Arm[] {
  const parts = splitAt(nodes, "union").flatMap((part) => splitAt(part, "except"));
  return parts.flatMap((part) => {
    const start = part.findIndex((node) => typeof node === "string" && verbs.has(node));
    const verb = part[start];
    if (typeof verb !== "string") {
      return armsInside(part, outer);
    }
    const own = part.slice(start);
    // INSERT has its SELECT beside it, not inside it.
    const inner = verb === "insert" ? own.indexOf("select") : -1;
    const nodes = inner < 0 ? own : own.slice(0, inner);
    const arm: Arm = { verb, nodes, tables: tablesOf(verb, nodes), outer };
    return [
      arm,
      ...armsInside(part.slice(0, start), outer),
      ...armsInside(nodes, arm),
      ...(inner < 0 ? [] : armsOf(own.slice(inner), outer)),
    ];
  });
}

function armsInside(nodes: readonly Node[], outer: Arm | undefined): readonly Arm[] {
  return nodes.flatMap((node) => (typeof node === "string" ? [] : armsOf(node, outer)));
}

/** The names of the tables that WITH makes. */
export function withNames(nodes: readonly Node[]): readonly string[] {
  const start = nodes.indexOf("with");
  const own = nodes.flatMap((node, index) =>
    start >= 0 && index > start && node === "as" && beginsWithVerb(nodes[index + 1])
      ? nodes.slice(Math.max(start, index - 2), index).filter((one) => typeof one === "string")
      : [],
  );
  return [
    ...own.filter((name) => name !== "recursive" && name !== "with"),
    ...nodes.flatMap((node) => (typeof node === "string" ? [] : withNames(node))),
  ];
}

/** Cuts a list of nodes at a word. */
export function splitAt(nodes: readonly Node[], word: string): readonly (readonly Node[])[] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (node === word) {
      parts.push([]);
    } else {
      parts.at(-1)?.push(node);
    }
  }
  return parts;
}

function beginsWithVerb(node: Node | undefined): boolean {
  const [first] = typeof node === "string" ? [] : (node ?? []);
  return typeof first === "string" && (verbs.has(first) || first === "with");
}

function isGroup(node: Node | undefined): boolean {
  return node !== undefined && typeof node !== "string";
}

function tablesOf(verb: string, nodes: readonly Node[]): readonly ArmTable[] {
  const changed =
    verb === "insert" ? tableAt(nodes, 2) : verb === "update" ? tableAt(nodes, 1) : [];
  let isInFrom = false;
  return [
    ...changed,
    ...nodes.flatMap((node, index) => {
      const begins = node === "from" || node === "join";
      if (begins || (isInFrom && node === ",")) {
        isInFrom = true;
        return namedTable(nodes, index + 1);
      }
      isInFrom &&= typeof node !== "string" || !fromEnds.has(node);
      return [];
    }),
  ];
}

/** The table at a place of the FROM list; a function or a subquery is none. */
function namedTable(nodes: readonly Node[], index: number): readonly ArmTable[] {
  return isGroup(nodes[index + 1]) ? [] : tableAt(nodes, index);
}

function tableAt(nodes: readonly Node[], index: number): readonly ArmTable[] {
  const name = nodes[index];
  if (typeof name !== "string" || !/^[a-z_]/.test(name)) {
    return [];
  }
  const next = nodes[index + 1];
  const alias = next === "as" ? nodes[index + 2] : next;
  const isAlias =
    typeof alias === "string" &&
    /^[a-z_]/.test(alias) &&
    !fromEnds.has(alias) &&
    !joinWords.has(alias) &&
    alias !== "values" &&
    alias !== "union";
  return [{ name, alias: isAlias ? alias : name }];
}
