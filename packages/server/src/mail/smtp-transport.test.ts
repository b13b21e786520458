import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { smtpProblemOf } from "./smtp-transport.ts";

/** An SMTP server that lets ann in. */
async function startSmtp(): Promise<{
  readonly port: number;
  readonly close: () => Promise<void>;
}> {
  const smtp = new SMTPServer({
    logger: false,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username }, _, callback) =>
      username === "ann" ? callback(null, { user: "ann" }) : callback(new Error("not you")),
  });
  smtp.on("error", () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", resolve));
  const { port } = smtp.server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => smtp.close(resolve)) };
}

test("a server that can be reached and lets us in is no problem", async () => {
  const { port, close } = await startSmtp();
  expect(await smtpProblemOf(`smtp://127.0.0.1:${port}`)).toBeUndefined();
  expect(await smtpProblemOf(`smtp://ann:secret@127.0.0.1:${port}`)).toBeUndefined();
  await close();
});

test("a server that does not let us in is one, and so is one that is not there", async () => {
  const { port, close } = await startSmtp();
  expect(await smtpProblemOf(`smtp://ben:s3cret@127.0.0.1:${port}`)).toMatch(
    /not you|Invalid login/,
  );
  await close();
  expect(await smtpProblemOf(`smtp://127.0.0.1:${port}`)).toContain("ECONNREFUSED");
});

test("whatever else listens there is one", async () => {
  const other = createServer((socket) => socket.end("SSH-2.0-x\r\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  expect(await smtpProblemOf(`smtp://127.0.0.1:${port}`)).toEqual(expect.any(String));
  await new Promise((resolve) => other.close(resolve));
});
