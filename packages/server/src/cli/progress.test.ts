import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { startProgress } from "./progress.ts";

const wish = { title: "Importing", unit: "rows", total: 200 };

/** What a command has to write to: a clock that the test turns, and a terminal where there is one. */
function newIo(terminal?: NodeJS.WriteStream) {
  const clock = { ms: 1_000_000 };
  const lines: string[] = [];
  const io = {
    out: () => undefined,
    err: (text: string) => void lines.push(text),
    now: () => clock.ms,
    terminal,
  };
  return { clock, lines, io: io as unknown as Parameters<typeof startProgress>[0]["io"] };
}

/** A terminal that remembers what is drawn on it. */
function newTerminal(): { readonly stream: NodeJS.WriteStream; readonly drawn: () => string } {
  const pieces: string[] = [];
  const stream = new Writable({
    write: (piece, _encoding, done) => {
      pieces.push(String(piece));
      done();
    },
  });
  const nothing = (): boolean => true;
  const terminal = Object.assign(stream, {
    isTTY: true,
    columns: 80,
    cursorTo: nothing,
    moveCursor: nothing,
    clearLine: nothing,
    clearScreenDown: nothing,
  });
  return { stream: terminal as unknown as NodeJS.WriteStream, drawn: () => pieces.join("") };
}

test("without a terminal a line says how far it is, every ten seconds and not more often", () => {
  const { clock, lines, io } = newIo();
  const progress = startProgress({ io, json: false }, wish);
  progress.update(1);
  clock.ms += 9_999;
  progress.update(50);
  expect(lines).toEqual([]);
  clock.ms += 1;
  progress.update(60);
  progress.update(61);
  clock.ms += 9_000;
  progress.update(100);
  clock.ms += 1_000;
  progress.update(120);
  progress.stop();
  expect(lines).toEqual(["Importing: 60 of 200 rows\n", "Importing: 120 of 200 rows\n"]);
});

test("where nobody knows how much there is, the line says how much is done", () => {
  const { clock, lines, io } = newIo();
  const progress = startProgress({ io, json: false }, { ...wish, total: undefined });
  clock.ms += 10_000;
  progress.update(7);
  expect(lines).toEqual(["Importing: 7 rows\n"]);
});

test("for a program nothing is said, however long it takes", () => {
  const { stream, drawn } = newTerminal();
  for (const terminal of [undefined, stream]) {
    const { clock, lines, io } = newIo(terminal);
    const progress = startProgress({ io, json: true }, wish);
    clock.ms += 60_000;
    progress.update(100);
    progress.stop();
    expect([lines, drawn()]).toEqual([[], ""]);
  }
});

test("on a terminal a bar is drawn, which grows with a file that grows, and is taken away", () => {
  const { stream, drawn } = newTerminal();
  const { lines, io } = newIo(stream);
  const progress = startProgress({ io, json: false }, wish);
  expect(drawn()).toContain("Importing");
  expect(drawn()).toContain("0% · 0 of 200 rows");
  progress.update(300);
  progress.stop();
  // The last state is drawn when it stops.
  expect(drawn()).not.toMatch(/1[0-9][1-9]%/);
  expect(lines).toEqual([]);
});

test("on a terminal where nobody knows how much there is, the bar counts", () => {
  const { stream, drawn } = newTerminal();
  const progress = startProgress(
    { io: newIo(stream).io, json: false },
    { ...wish, total: undefined },
  );
  expect(drawn()).toContain("Importing 0 rows");
  expect(drawn()).not.toContain("%");
  progress.stop();
});
