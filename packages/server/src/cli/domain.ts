/** `rollcall domain`: e-mail domains of a tenant, verified by the DNS or by the word of an operator. */
import { domainJsonOf } from "../admin-contract/domains.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";

const sharedOption = ["--shared", "other tenants may have verified the domain too"] as const;

/** The commands. */
export const domainCommands: readonly Command[] = [
  {
    usage: "domain add <tenant> <domain>",
    summary: "add a domain, and show the TXT record that verifies it",
    options: [],
    usedBy: "all",
    folder: "need",
    run: addDomain,
  },
  {
    usage: "domain list <tenant>",
    summary: "list the domains of a tenant",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listDomains,
  },
  {
    usage: "domain verify <tenant> <domain>",
    summary: "verify a domain by its TXT record",
    options: [sharedOption],
    usedBy: "all",
    folder: "need",
    run: (call) => settleDomain(call, "verifyDomain"),
  },
  {
    usage: "domain assert <tenant> <domain>",
    summary: "take a domain as verified because you say so, such as one of an internal network",
    options: [sharedOption],
    usedBy: "all",
    folder: "need",
    run: (call) => settleDomain(call, "assertDomain"),
  },
  {
    usage: "domain remove <tenant> <domain>",
    summary: "remove a domain of a tenant",
    options: [],
    usedBy: "all",
    folder: "need",
    run: removeDomain,
  },
];

async function addDomain(call: Call): Promise<number> {
  const { store, people } = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const added = await people.addDomain(tenant, name);
  const { domain, record, challenge } = domainJsonOf(added);
  call.answer(
    domainJsonOf(added),
    added.verified === undefined
      ? [
          `Add this record to the DNS, then: ${call.io.program} domain verify ${slug} ${name}`,
          ...formatFields([
            ["Name", record],
            ["Type", "TXT"],
            ["Text", challenge],
          ]),
        ]
      : [`Domain ${domain} is verified already.`],
  );
  return 0;
}

async function listDomains(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId } = await findTenant(store, call.args[0] ?? "");
  const domains = (await store.domains.list(tenantId)).map(domainJsonOf);
  call.answer(
    domains,
    formatTable(
      ["DOMAIN", "VERIFIED", "METHOD", "CREATED", "CHALLENGE"],
      domains.map(({ domain, verifiedAt, method, createdAt, challenge }) => [
        domain,
        verifiedAt ?? undefined,
        method ?? undefined,
        createdAt,
        challenge,
      ]),
    ),
  );
  return 0;
}

async function settleDomain(call: Call, how: "verifyDomain" | "assertDomain"): Promise<number> {
  const { store, people } = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const settled = await people[how]({ tenant, name, isShared: call.has("shared") });
  call.answer(domainJsonOf(settled), [`Domain ${settled.domain} is verified (${settled.method}).`]);
  return 0;
}

async function removeDomain(call: Call): Promise<number> {
  const { store, people } = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const domain = await people.removeDomain(tenant, name);
  call.answer({ removed: true, domain }, [`Domain ${domain} is removed.`]);
  return 0;
}
