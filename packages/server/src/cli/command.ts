/** What a command of the command line is: a row of data with a function behind it. */
import type { Instance, InstanceOptions } from "../compose.ts";
import type { Config } from "../config/config.ts";

/** The surroundings of one run, so that tests have their own. */
export interface Io {
  /** How a person calls this program, such as `npx rollcall`. */
  readonly program: string;
  /** Writes to stdout. */
  out(text: string): void;
  /** Settles when whoever reads stdout has taken what was written. */
  drained?(): Promise<void>;
  /** Reads all of stdin. */
  readAll?(): Promise<string>;
  /** Writes to stderr. */
  err(text: string): void;
  /** Asks the person at the terminal for a line; undefined where nobody can answer. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Where a person watches what goes on; undefined where nobody does. */
  readonly terminal?: NodeJS.WriteStream | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** Asks for TXT records; the DNS of the machine by default. */
  readonly resolveTxt?: InstanceOptions["resolveTxt"];
  /** Aborts when the process is asked to stop; from the first call on the process no longer just ends. */
  stopSignal(): AbortSignal;
}

/** One run of a command. */
export interface Call {
  readonly io: Io;
  readonly config: Config;
  /** Arguments in order; the last may stand for many. */
  readonly args: readonly string[];
  /** An option with a value. */
  text(name: string): string | undefined;
  /** An option that can be given several times. */
  list(name: string): readonly string[];
  /** An option without value. */
  has(name: string): boolean;
  /** Whether the answer shall be JSON. */
  readonly json: boolean;
  /** Opens the data; they are closed when the command ends. */
  open(): Promise<Instance>;
  /** Writes a JSON value, or the lines a person reads. */
  answer(value: unknown, lines: readonly string[]): void;
}

/** An option as commander writes it, with its sentence. */
type Option = readonly [flags: string, sentence: string];

/** A command. */
export interface Command {
  /** Such as `tenant create <slug>`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly Option[];
  /** Which settings it takes as flags: all, those every command on data has, or none because it does without data. */
  readonly usedBy: "serve" | "all" | "none";
  /** Whether it may make the data folder, and the instance key in it, or has nothing to do with one. */
  readonly folder: "make" | "need" | "none";
  /** Answers with the exit code. */
  readonly run: (call: Call) => Promise<number>;
}
