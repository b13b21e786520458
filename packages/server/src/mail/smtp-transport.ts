/** The connection to an SMTP server: how it is made, and whether it can be (RFC 5321 §3.1). */
import type { Transporter } from "nodemailer";
import { createTransport } from "nodemailer";

/** How long finding, reaching and hearing the SMTP server may take, each. */
const connectTimeoutMs = 10_000;
/** How long the SMTP server may be silent. */
const silenceTimeoutMs = 30_000;

/** Makes what mails are handed to; connects with the first of them. */
export function createSmtpTransport(url: string): Transporter {
  return createTransport({
    url,
    dnsTimeout: connectTimeoutMs,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: silenceTimeoutMs,
    requireTLS: needsTls(url),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Tells whether STARTTLS is a must: a password leaves this machine only encrypted, whatever somebody in between makes of it. */
export function needsTls(url: string): boolean {
  const { protocol, hostname, password } = new URL(url);
  return (
    protocol === "smtp:" &&
    password !== "" &&
    !/^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname)
  );
}

/** Reaches the server and logs in, sending nothing; answers with what went wrong. */
export async function smtpProblemOf(url: string): Promise<string | undefined> {
  const transport = createSmtpTransport(url);
  try {
    await transport.verify();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    transport.close();
  }
}
