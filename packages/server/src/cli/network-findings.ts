/** What `rollcall doctor` says of how clients reach the server, and of how much of it they may take. */
import type { Config } from "../config/config.ts";
import { isLocalHost } from "../config/config.ts";
import type { Finding } from "./finding.ts";

type NetworkConfig = Pick<
  Config,
  "host" | "tlsCert" | "allowPlainHttp" | "publicUrl" | "smtpUrl" | "adminPort" | "adminHost"
>;

/** Puts what is open and what leads nowhere into words. */
export function networkFindings(config: NetworkConfig): readonly Finding[] {
  const { host, publicUrl } = config;
  const warnings = [plainHttp(config), ...urlWarnings(config), openMetrics(config)].filter(
    (text) => text !== undefined,
  );
  return warnings.length > 0
    ? warnings.map((text) => ({ check: "network", state: "warning", text }))
    : [{ check: "network", state: "ok", text: publicUrl ?? host }];
}

function plainHttp({ tlsCert, host, allowPlainHttp }: NetworkConfig): string | undefined {
  return tlsCert === undefined && !isLocalHost(host) && allowPlainHttp
    ? `plain HTTP on ${host}: tokens cross the network readable; give --tls-cert and --tls-key, or a proxy that ends TLS`
    : undefined;
}

function urlWarnings({ publicUrl, host, smtpUrl }: NetworkConfig): readonly string[] {
  if (publicUrl !== undefined) {
    const { protocol, hostname } = new URL(publicUrl);
    return protocol === "http:" && !isLocalHost(hostname.replace(/^\[(.*)\]$/, "$1"))
      ? [
          `--public-url ${publicUrl} is plain HTTP: clients are told to send their tokens readable; give an https URL`,
        ]
      : [];
  }
  return [
    ...(isLocalHost(host)
      ? []
      : ["no --public-url: meta.location will not lead clients back here"]),
    ...(smtpUrl === undefined
      ? []
      : ["no --public-url: the links in mails lead to this machine, and people are elsewhere"]),
  ];
}

function openMetrics({ adminPort, adminHost }: NetworkConfig): string | undefined {
  return adminPort === undefined || isLocalHost(adminHost)
    ? undefined
    : `the admin port answers to whoever reaches ${adminHost}: keep it behind a firewall`;
}

/** Puts limits that are off into words. */
export function limitFindings({
  rateLimit,
  failedAuthLimit,
  tenantConcurrency,
}: Pick<Config, "rateLimit" | "failedAuthLimit" | "tenantConcurrency">): readonly Finding[] {
  const off = [
    ...(rateLimit === 0 ? ["--rate-limit is 0: one client may send as much as it likes"] : []),
    ...(failedAuthLimit === 0
      ? ["--failed-auth-limit is 0: tokens may be guessed at any speed"]
      : []),
    ...(tenantConcurrency === 0
      ? ["--tenant-concurrency is 0: one tenant can keep all others waiting"]
      : []),
  ];
  const text = `${rateLimit} requests a second for each token, ${tenantConcurrency} at once for each tenant`;
  return off.length > 0
    ? off.map((warning) => ({ check: "limits", state: "warning", text: warning }))
    : [{ check: "limits", state: "ok", text }];
}
