/** Every setting of the server: name, flag, environment variable, default, sentence. Nothing else reads the environment. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { AttachPolicy, InstancePolicy } from "../domain/tenant-settings.ts";
import { attachPolicies } from "../domain/tenant-settings.ts";

/** The settings of one process, read and checked. */
export interface Config {
  /** The data folder, absolute. */
  readonly data: string;
  /** An address, a host name, or `unix:` with the path of a socket. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Absolute, without trailing slash; undefined for the address the server listens on. */
  readonly publicUrl: string | undefined;
  /** Blocks of addresses in CIDR notation, and `unix` for whoever connects to the socket. */
  readonly trustedProxy: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly allowPlainHttp: boolean;
  readonly openHealth: boolean;
  /** Refused logins in a minute from one address before they get 429; 0 for no limit. */
  readonly failedAuthLimit: number;
  /** Requests a second that one token may send before it gets 429, twice as many at once; 0 for no limit. */
  readonly rateLimit: number;
  /** Requests of one tenant that are worked on at once, further ones wait their turn; 0 for no limit. */
  readonly tenantConcurrency: number;
  /** Where metrics and health are answered to everybody; undefined for the other port, to this machine alone. */
  readonly adminPort: number | undefined;
  /** The address of the admin port. */
  readonly adminHost: string;
  readonly logLevel: LogLevel;
  /** Where traces are sent; undefined for none. */
  readonly otlpUrl: string | undefined;
  /** The instance key from the environment; undefined when it is in the data folder. */
  readonly pepper: string | undefined;
  /** What a sync does with existing accounts in tenants that say nothing about it. */
  readonly attachPolicy: AttachPolicy;
  /** The most open attach policy that a tenant may have. */
  readonly attachPolicyMax: AttachPolicy;
  /** A PostgreSQL connection URL; undefined for SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Database connections that this process opens at most; PostgreSQL only. */
  readonly databasePool: number;
  /** The SMTP server that mails are handed to; undefined for none: mails wait. */
  readonly smtpUrl: string | undefined;
  /** Whom mails are from, an address also as `Name <address>`. */
  readonly mailFrom: string | undefined;
  /** Addresses of operators, whom mails tell of what needs them. */
  readonly alertTo: readonly string[];
  /** The language of those mails, a language tag. */
  readonly alertLanguage: string;
  /** Where webhooks may lead beyond public addresses, blocks in CIDR notation. */
  readonly webhookAllow: readonly string[];
}

/** Below what the server's log has nothing. */
export type LogLevel = (typeof logLevels)[number];

const alertLanguages = ["en", "de"] as const;
const logLevels = ["error", "warn", "info", "debug"] as const;

/** One setting, as help, documentation and the parser read it. */
export interface Setting<Name extends keyof Config = keyof Config> {
  readonly name: Name;
  /** As commander wants it; undefined for what is nothing but a secret, which a command line would show. */
  readonly flag: string | undefined;
  readonly env: string;
  /** In words, for help and documentation. */
  readonly defaultText: string;
  readonly sentence: string;
  /** `serve`: for the server alone; `all`: for every command. */
  readonly usedBy: "serve" | "all";
  /** Also read from the file that the variable with `_FILE` names. */
  readonly secret?: true;
  /** Reads the text, or the lack of it. Throws with what is wrong. */
  readonly parse: (text: string | undefined) => Config[Name];
}

/** The port when nothing else is said. */
const portDefault = 8480;

/** Every setting, in the order help lists them. */
export const settings: readonly Setting[] = [
  {
    name: "data",
    flag: "--data <dir>",
    env: "ROLLCALL_DATA",
    defaultText: "./data",
    sentence: "The data folder; with --database-url it holds the instance key only",
    usedBy: "all",
    parse: (text) => resolve(text ?? "./data"),
  },
  {
    name: "databaseUrl",
    flag: "--database-url <url>",
    env: "ROLLCALL_DATABASE_URL",
    defaultText: "SQLite in the data folder",
    sentence:
      "The PostgreSQL database, postgres://user@host/name; a password belongs into the variable, which nobody else can read",
    usedBy: "all",
    secret: true,
    parse: databaseUrlOf,
  },
  {
    name: "databasePool",
    flag: "--database-pool <count>",
    env: "ROLLCALL_DATABASE_POOL",
    defaultText: "16",
    sentence: "How many connections to PostgreSQL the server opens at most",
    usedBy: "serve",
    parse: (text) => wholeNumberOf(text, 16, 1000, 2),
  },
  {
    name: "host",
    flag: "--host <host>",
    env: "ROLLCALL_HOST",
    defaultText: "127.0.0.1",
    sentence: "The address to listen on, IPv4 or IPv6, or unix:PATH for a socket",
    usedBy: "serve",
    parse: hostOf,
  },
  {
    name: "port",
    flag: "--port <port>",
    env: "ROLLCALL_PORT",
    defaultText: String(portDefault),
    sentence: "The port to listen on, 0 for any free one",
    usedBy: "serve",
    parse: (text) => wholeNumberOf(text, portDefault, 65_535),
  },
  {
    name: "publicUrl",
    flag: "--public-url <url>",
    env: "ROLLCALL_PUBLIC_URL",
    defaultText: "the address it listens on",
    sentence: "The URL clients reach the server at, without /scim/v2; meta.location starts with it",
    usedBy: "all",
    parse: publicUrlOf,
  },
  {
    name: "trustedProxy",
    flag: "--trusted-proxy <cidrs>",
    env: "ROLLCALL_TRUSTED_PROXY",
    defaultText: "none",
    sentence:
      "Whose X-Forwarded-For is believed: addresses in CIDR notation or the word unix, with commas",
    usedBy: "serve",
    parse: trustedProxyOf,
  },
  {
    name: "tlsCert",
    flag: "--tls-cert <file>",
    env: "ROLLCALL_TLS_CERT",
    defaultText: "none",
    sentence: "The TLS certificate chain, PEM",
    usedBy: "serve",
    parse: (text) => text,
  },
  {
    name: "tlsKey",
    flag: "--tls-key <file>",
    env: "ROLLCALL_TLS_KEY",
    defaultText: "none",
    sentence: "The private key of the TLS certificate, PEM",
    usedBy: "serve",
    parse: (text) => text,
  },
  {
    name: "allowPlainHttp",
    flag: "--allow-plain-http",
    env: "ROLLCALL_ALLOW_PLAIN_HTTP",
    defaultText: "off",
    sentence: "Serve plain HTTP to other machines: tokens cross the network readable",
    usedBy: "serve",
    parse: switchOf,
  },
  {
    name: "openHealth",
    flag: "--open-health",
    env: "ROLLCALL_OPEN_HEALTH",
    defaultText: "off",
    sentence: "Answer /healthz and /readyz to every address, not to this machine alone",
    usedBy: "serve",
    parse: switchOf,
  },
  {
    name: "failedAuthLimit",
    flag: "--failed-auth-limit <count>",
    env: "ROLLCALL_FAILED_AUTH_LIMIT",
    defaultText: "60",
    sentence:
      "Requests without a good token in a minute from one address before they get 429, 0 for no limit",
    usedBy: "serve",
    parse: (text) => wholeNumberOf(text, 60, 1_000_000),
  },
  {
    name: "rateLimit",
    flag: "--rate-limit <count>",
    env: "ROLLCALL_RATE_LIMIT",
    defaultText: "1000",
    sentence:
      "Requests a second that one token may send before it gets 429, twice as many at once, 0 for no limit",
    usedBy: "serve",
    parse: (text) => wholeNumberOf(text, 1000, 1_000_000),
  },
  {
    name: "tenantConcurrency",
    flag: "--tenant-concurrency <count>",
    env: "ROLLCALL_TENANT_CONCURRENCY",
    defaultText: "64",
    sentence:
      "Requests of one tenant that are worked on at once, four times as many of all; up to 2,000 more wait their turn, tenant by tenant, the rest get 429; 0 for no limit",
    usedBy: "serve",
    parse: (text) => wholeNumberOf(text, 64, 100_000),
  },
  {
    name: "adminPort",
    flag: "--admin-port <port>",
    env: "ROLLCALL_ADMIN_PORT",
    defaultText: "none: /metrics is answered on the other port, to this machine alone",
    sentence:
      "A port for /metrics, /healthz and /readyz, over plain HTTP and to whoever reaches it, 0 for any free one",
    usedBy: "serve",
    parse: (text) => (text === undefined ? undefined : wholeNumberOf(text, 0, 65_535)),
  },
  {
    name: "adminHost",
    flag: "--admin-host <host>",
    env: "ROLLCALL_ADMIN_HOST",
    defaultText: "127.0.0.1",
    sentence: "The address that the admin port listens on",
    usedBy: "serve",
    parse: hostOf,
  },
  {
    name: "logLevel",
    flag: "--log-level <level>",
    env: "ROLLCALL_LOG_LEVEL",
    defaultText: "info",
    sentence: `What the server writes to its log: ${logLevels.join(", ")}; with debug a line for each request`,
    usedBy: "serve",
    parse: (text) => oneOf(text ?? "info", logLevels),
  },
  {
    name: "otlpUrl",
    flag: "--otlp-url <url>",
    env: "ROLLCALL_OTLP_URL",
    defaultText: "none",
    sentence:
      "Where to send OpenTelemetry traces over OTLP/HTTP, such as http://127.0.0.1:4318; without a path to /v1/traces",
    usedBy: "serve",
    parse: otlpUrlOf,
  },
  {
    name: "smtpUrl",
    flag: "--smtp-url <url>",
    env: "ROLLCALL_SMTP_URL",
    defaultText: "none: mails wait",
    sentence:
      "The SMTP server for mails to people, smtp://user@host:587 or smtps://; a password belongs into the variable, which nobody else can read",
    usedBy: "serve",
    secret: true,
    parse: smtpUrlOf,
  },
  {
    name: "mailFrom",
    flag: "--mail-from <address>",
    env: "ROLLCALL_MAIL_FROM",
    defaultText: "none",
    sentence: "Whom mails to people are from: an address, with or without a name before it",
    usedBy: "serve",
    parse: mailFromOf,
  },
  {
    name: "alertTo",
    flag: "--alert-to <addresses...>",
    env: "ROLLCALL_ALERT_TO",
    defaultText: "none: nobody is told",
    sentence:
      "Addresses of operators, with commas, whom mails tell of tokens that end soon, webhooks that do not work and connections that are refused again and again",
    usedBy: "serve",
    parse: addressesOf,
  },
  {
    name: "alertLanguage",
    flag: "--alert-language <language>",
    env: "ROLLCALL_ALERT_LANGUAGE",
    defaultText: "en",
    sentence: `The language of mails to operators: ${alertLanguages.join(", ")}`,
    usedBy: "serve",
    parse: (text) => oneOf(text ?? "en", alertLanguages),
  },
  {
    name: "webhookAllow",
    flag: "--webhook-allow <cidrs...>",
    env: "ROLLCALL_WEBHOOK_ALLOW",
    defaultText: "none: public addresses over https",
    sentence:
      "Where webhooks and the OIDC issuers of tenants may lead beyond public addresses, and with plain http too: blocks in CIDR notation, with commas; cloud metadata only by their own addresses",
    usedBy: "all",
    parse: blocksOf,
  },
  {
    name: "attachPolicy",
    flag: "--attach-policy <policy>",
    env: "ROLLCALL_ATTACH_POLICY",
    defaultText: "attach",
    sentence: `What a sync does with people who have an account, in tenants that say nothing: ${attachPolicies.join(", ")}`,
    usedBy: "all",
    parse: attachPolicyOf,
  },
  {
    name: "attachPolicyMax",
    flag: "--attach-policy-max <policy>",
    env: "ROLLCALL_ATTACH_POLICY_MAX",
    defaultText: "attach",
    sentence:
      "The most open attach policy that a tenant may have; stricter ones are its own choice",
    usedBy: "all",
    parse: attachPolicyOf,
  },
  {
    name: "pepper",
    flag: undefined,
    env: "ROLLCALL_PEPPER",
    defaultText: ".pepper in the data folder, made at the first start",
    sentence: "The instance key that tokens are hashed under, at least 32 characters",
    usedBy: "all",
    secret: true,
    parse: (text) => text,
  },
];

/** What reading the settings came to: all of them, or everything that is wrong. */
export type ConfigReading =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/** Where the texts come from: flags win over the environment, which wins over the defaults. */
export interface ConfigSources {
  /** By setting name, as commander gives them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads and checks every setting; the checks across settings are those of a server only when `serve` is meant. */
export function readConfig(sources: ConfigSources, usedBy: Setting["usedBy"]): ConfigReading {
  const problems: string[] = [];
  const values = new Map<string, unknown>();
  for (const setting of settings) {
    try {
      values.set(setting.name, setting.parse(textOf(setting, sources)));
    } catch (error) {
      problems.push(`${nameOf(setting)}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (problems.length > 0) {
    return { kind: "problems", problems };
  }
  // The loop has put in a value of the right type under every name.
  const config = Object.fromEntries(values) as unknown as Config;
  const together = usedBy === "serve" ? problemsBetween(config) : [];
  return together.length === 0
    ? { kind: "config", config }
    : { kind: "problems", problems: together };
}

/** The environment of the process, the only place that reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  // biome-ignore lint/style/noProcessEnv: this is the one place.
  return process.env;
}

/** What the instance says about attaching accounts. */
export function instancePolicyOf({
  attachPolicy,
  attachPolicyMax,
}: Pick<Config, "attachPolicy" | "attachPolicyMax">): InstancePolicy {
  return { attachDefault: attachPolicy, attachMax: attachPolicyMax };
}

/** Tells whether a host is reached from this machine alone. */
export function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host) || host.startsWith("unix:");
}

function nameOf({ flag, env }: Setting): string {
  return flag === undefined ? env : `${flag.split(" ")[0]} (${env})`;
}

function textOf(setting: Setting, { flags, env }: ConfigSources): string | undefined {
  const flag = flags[setting.name];
  if ([flag].flat().includes("")) {
    // An empty shell variable stood there: going on would take the default or the working directory.
    throw new Error("needs a value");
  }
  if (flag !== undefined) {
    // One that was given several times is a list, whose text has commas.
    return String(flag);
  }
  const text = env[setting.env];
  const named = setting.secret ? env[`${setting.env}_FILE`] : undefined;
  const file = named === "" ? undefined : named;
  if (text !== undefined && text !== "" && file !== undefined) {
    throw new Error(`set either ${setting.env} or ${setting.env}_FILE, not both`);
  }
  if (file !== undefined) {
    return readFileSync(file, "utf8").trim();
  }
  return text === "" ? undefined : text;
}

function wholeNumberOf(
  text: string | undefined,
  otherwise: number,
  max: number,
  min: number = 0,
): number {
  if (text === undefined) {
    return otherwise;
  }
  if (!/^\d{1,9}$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new Error(`expected a whole number from ${min} to ${max}`);
  }
  return Number(text);
}

function switchOf(text: string | undefined): boolean {
  const value = (text ?? "false").toLowerCase();
  if (["true", "1", "yes", "on"].includes(value)) {
    return true;
  }
  if (["false", "0", "no", "off"].includes(value)) {
    return false;
  }
  throw new Error("expected true or false");
}

function attachPolicyOf(text: string | undefined): AttachPolicy {
  return oneOf(text ?? "attach", attachPolicies);
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text);
  if (word === undefined) {
    throw new Error(`expected one of ${words.join(", ")}`);
  }
  return word;
}

function hostOf(text: string | undefined): string {
  return (text ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
}

function otlpUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Error("expected an absolute http or https URL");
  }
  return url.pathname === "/" ? new URL("/v1/traces", url).href : url.href;
}

function publicUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Error("expected an absolute http or https URL");
  }
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    throw new Error("expected a URL without query, fragment and user name");
  }
  const trimmed = url.href.replace(/\/+$/, "");
  if (/\/scim\/v2$/.test(trimmed)) {
    throw new Error("leave /scim/v2 out, the server adds it");
  }
  return trimmed;
}

function databaseUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["postgres:", "postgresql:"].includes(url.protocol)) {
    // The text may hold a password and is not repeated.
    throw new Error(
      "expected a URL such as postgres://user:password@host/name, with %40 for @, %2F for / and the like in the password",
    );
  }
  return text;
}

function smtpUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") {
    // The text may hold a password and is not repeated.
    throw new Error(
      "expected a URL such as smtp://user:password@host:587, with %40 for @, %2F for / and the like in the password",
    );
  }
  return text;
}

function mailFromOf(text: string | undefined): string | undefined {
  if (
    text !== undefined &&
    !/^([^<>@,;\p{Cc}]+<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u.test(text)
  ) {
    throw new Error("expected an address, also as Name <address>");
  }
  return text;
}

function addressesOf(text: string | undefined): readonly string[] {
  const addresses = [...new Set(entriesOf(text))];
  const wrong = addresses.find((address) => parseEmailAddress(address) === undefined);
  if (wrong !== undefined) {
    throw new Error(`"${wrong}" is no address such as ops@example.com`);
  }
  return addresses;
}

function trustedProxyOf(text: string | undefined): readonly string[] {
  const entries = entriesOf(text);
  checkBlocks(entries.filter((entry) => entry !== "unix"));
  return entries;
}

function blocksOf(text: string | undefined): readonly string[] {
  const entries = entriesOf(text);
  checkBlocks(entries);
  return entries;
}

function entriesOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function checkBlocks(entries: readonly string[]): void {
  const wrong = entries.find((entry) => !isBlock(entry));
  if (wrong !== undefined) {
    throw new Error(`"${wrong}" is no address and no block such as 10.0.0.0/8`);
  }
}

function isBlock(text: string): boolean {
  const [address = "", length, more] = text.split("/");
  const version = isIP(address);
  // An IPv4 block in IPv6 notation counts from the front of the IPv6 address; a shorter one would match nothing.
  const shortest = /^::ffff:[\d.]+$/i.test(address) ? 96 : 0;
  return (
    version !== 0 &&
    !address.includes("%") &&
    more === undefined &&
    (length === undefined ||
      (/^\d{1,3}$/.test(length) &&
        Number(length) >= shortest &&
        Number(length) <= (version === 4 ? 32 : 128)))
  );
}

function problemsBetween(config: Config): string[] {
  const { host, tlsCert, tlsKey, publicUrl } = config;
  const problems: string[] = [];
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    problems.push("--tls-cert and --tls-key belong together: give both or neither");
  }
  if (host.startsWith("unix:") && publicUrl === undefined) {
    problems.push("a unix socket has no URL of its own: give --public-url too");
  }
  if (host.startsWith("unix:") && host.length === "unix:".length) {
    problems.push("--host unix: needs the path of the socket behind the colon");
  }
  if (config.adminPort === config.port && config.port !== 0 && config.adminHost === host) {
    problems.push("--admin-port is a port of its own: give another one than --port");
  }
  if (config.smtpUrl !== undefined && config.mailFrom === undefined) {
    problems.push("--smtp-url needs --mail-from, the address that mails are from");
  }
  const plain = tlsCert === undefined && !isLocalHost(host);
  if (plain && !config.allowPlainHttp && config.trustedProxy.length === 0) {
    problems.push(
      `plain HTTP on ${host} would send tokens over the network readable: give --tls-cert and --tls-key, ` +
        "or --trusted-proxy for the proxy in front that ends TLS, or --allow-plain-http to do it all the same",
    );
  }
  return problems;
}
