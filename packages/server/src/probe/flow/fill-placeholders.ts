/** Fills the `{{placeholders}}` of recorded flows. */
import { createHash, randomUUID } from "node:crypto";
import { refusal } from "../../domain/refusal.ts";

/** What placeholders stand for in one run of a flow. */
export interface Placeholders {
  /** Looks a name up; undefined when nothing has that name. */
  lookUp(name: string): string | undefined;
  /** Keeps a value under a name. */
  keep(name: string, value: string): void;
}

/** What the placeholders of one run start from. */
export interface RunFacts {
  readonly base: string;
  readonly token: string;
  /** The token of a second tenant. */
  readonly token2: string;
}

/** Makes the placeholders of one run: some are fixed, some random but the same all through the run. */
export function createPlaceholders({ base, token, token2 }: RunFacts): Placeholders {
  const run = randomUUID().slice(0, 6);
  const kept = new Map<string, string>(
    Object.entries({ base, token, token2, run, runUpper: run.toUpperCase() }),
  );
  const digest = (text: string) => createHash("sha256").update(`${text}${run}`).digest("hex");
  const made = (name: string): string | undefined => {
    const [kind, rest = ""] = name.split(/:(.*)/s);
    switch (kind) {
      case "sha256":
        return digest(rest);
      case "hex24":
        return digest(rest).slice(0, 24);
      default:
        return name.startsWith("guid") ? randomUUID() : undefined;
    }
  };
  return {
    keep: (name, value) => kept.set(name, value),
    lookUp: (name) => {
      const value = kept.get(name) ?? made(name);
      if (value !== undefined) {
        kept.set(name, value);
      }
      return value;
    },
  };
}

/** Fills the placeholders of a text; refuses one that nothing has been saved under. */
export function fillText(
  text: string,
  { lookUp }: Placeholders,
  encode: (value: string) => string = (value) => value,
): string {
  // The number first: it may stand inside another name, as in {{user{{i}}.id}}.
  const numbered = text.replaceAll("{{i}}", lookUp("i") ?? "{{i}}");
  return numbered.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => {
    const value = lookUp(name);
    if (value === undefined) {
      throw refusal(`{{${name}}} is used and no step before has saved it`);
    }
    return encode(value);
  });
}

/** Fills the placeholders in every text of a JSON value and unfolds `$repeat`. */
export function fillJson(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === "string") {
    return fillText(value, placeholders);
  }
  if (Array.isArray(value)) {
    return value.map((element) => fillJson(element, placeholders));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ("$repeat" in value) {
    const { from, to, item } = value.$repeat as { from: number; to: number; item: unknown };
    return Array.from({ length: to - from + 1 }, (_, n) =>
      fillJson(item, withIndex(placeholders, from + n)),
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fillJson(member, placeholders)]),
  );
}

/** The same placeholders with `{{i}}` for one round of a repetition. */
export function withIndex(placeholders: Placeholders, index: number): Placeholders {
  const filled = (name: string) => name.replaceAll("{{i}}", String(index));
  return {
    lookUp: (name) => (name === "i" ? String(index) : placeholders.lookUp(filled(name))),
    keep: (name, value) => placeholders.keep(filled(name), value),
  };
}
