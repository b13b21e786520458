import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type {
  InvitationView,
  MembershipView,
  PersonActions,
} from "../provisioning/person-actions.ts";
import { createFailureLimit } from "./failure-limit.ts";
import { invitationPage, leavePage } from "./person-pages.ts";

interface Kept {
  readonly invitations: Map<string, InvitationView>;
  readonly memberships: Map<string, MembershipView>;
}

/** People's links in memory, with the meaning that the port has. */
function actionsOn({ invitations, memberships }: Kept): PersonActions {
  const settle = (state: "accepted" | "declined") => async (token: string) => {
    const invitation = invitations.get(token);
    if (invitation?.state !== "open") {
      return false;
    }
    invitations.set(token, { ...invitation, state });
    return true;
  };
  return {
    invitation: async (token) => invitations.get(token),
    accept: settle("accepted"),
    decline: settle("declined"),
    membership: async (token) => memberships.get(token),
    leave: async (token) => (memberships.delete(token) ? "left" : "gone"),
  };
}

const open: InvitationView = { tenantName: "Acme", by: "Okta", state: "open" };
const startMs = Date.UTC(2025, 5, 15, 12);
let kept: Kept;
let failureLimit = createFailureLimit(0);
beforeEach(() => {
  kept = {
    invitations: new Map([["good", open]]),
    memberships: new Map([["good", { tenantName: "Acme", role: "editor" }]]),
  };
  failureLimit = createFailureLimit(0);
});

async function visit(
  method: string,
  path: string,
  more: {
    readonly form?: string;
    readonly language?: string;
    readonly actions?: PersonActions;
    readonly address?: string;
  } = {},
) {
  const body = new TextEncoder().encode(more.form ?? "");
  const exchange = {
    request: {
      method,
      path,
      query: "",
      headers: {
        get: (name: string) => (name === "accept-language" ? (more.language ?? "en") : null),
      },
      readBody: async (lengthMax: number) => (body.length > lengthMax ? undefined : body),
      isGone: () => false,
    },
    requestId: randomUUID(),
    path,
    address: more.address ?? "192.0.2.1",
    startMs,
  };
  const page = path.startsWith("/leave") ? leavePage : invitationPage;
  const parts = { personActions: more.actions ?? actionsOn(kept), failureLimit };
  const { response, report, isLogged } = await page(exchange, parts);
  return { ...response, html: String(response.body ?? ""), report, isLogged };
}
const press = (path: string, action: string) =>
  visit("POST", path, { form: new URLSearchParams({ action }).toString() });

describe("an invitation", () => {
  test("looked at as often as one likes changes nothing", async () => {
    for (const method of ["GET", "HEAD", "GET"]) {
      const { status, html } = await visit(method, "/invitations/good");
      expect(status).toBe(200);
      expect(html === "").toBe(method === "HEAD");
    }
    const { html } = await visit("GET", "/invitations/good");
    for (const part of ["Acme", "Okta", 'value="accept"', 'value="decline"', 'method="post"']) {
      expect(html).toContain(part);
    }
    expect(kept.invitations.get("good")?.state).toBe("open");
  });

  test("is accepted once", async () => {
    expect((await press("/invitations/good", "accept")).status).toBe(200);
    expect(kept.invitations.get("good")?.state).toBe("accepted");
    for (const again of [
      await press("/invitations/good", "accept"),
      await press("/invitations/good", "decline"),
      await visit("GET", "/invitations/good"),
    ]) {
      expect(again.status).toBe(410);
      expect(again.html).toContain("accepted already");
      expect(again.html).not.toContain("<form");
    }
    expect(kept.invitations.get("good")?.state).toBe("accepted");
  });

  test("is declined", async () => {
    const { status, html } = await press("/invitations/good", "decline");
    expect([status, html.includes("not a member of “Acme”")]).toEqual([200, true]);
    expect(kept.invitations.get("good")?.state).toBe("declined");
  });

  test.each(["revoked", "expired"] as const)(
    "that is %s says so and does nothing",
    async (state) => {
      kept.invitations.set("old", { ...open, state });
      for (const method of ["GET", "POST"]) {
        const { status } = await visit(method, "/invitations/old", { form: "action=accept" });
        expect(status).toBe(410);
      }
      expect(kept.invitations.get("old")?.state).toBe(state);
    },
  );

  test("that somebody else answers meanwhile tells what they did", async () => {
    const actions = actionsOn(kept);
    const slow: PersonActions = {
      ...actions,
      accept: async (token) => {
        await actions.decline(token);
        return actions.accept(token);
      },
    };
    const form = "action=accept";
    const { status, html } = await visit("POST", "/invitations/good", { form, actions: slow });
    expect([status, html.includes("declined already")]).toEqual([410, true]);
  });

  test("does nothing without a button, or with too long a form", async () => {
    const long = `action=accept&x=${"x".repeat(2000)}`;
    for (const form of ["", "action=", "action=frob", "accept=1", "{}", long]) {
      expect((await visit("POST", "/invitations/good", { form })).status).toBe(400);
    }
    expect(kept.invitations.get("good")?.state).toBe("open");
  });
});

describe("leaving", () => {
  test("takes a button", async () => {
    const page = await visit("GET", "/leave/good");
    expect(page.status).toBe(200);
    for (const part of ["Acme", "editor", 'value="leave"']) {
      expect(page.html).toContain(part);
    }
    expect((await press("/leave/good", "accept")).status).toBe(400);
    expect(kept.memberships.has("good")).toBe(true);
    expect((await press("/leave/good", "leave")).status).toBe(200);
    expect(kept.memberships.has("good")).toBe(false);
    expect((await press("/leave/good", "leave")).status).toBe(404);
  });
});

describe("links that lead nowhere", () => {
  const paths = ["/invitations/bad", "/invitations", "/invitations/", "/leave/bad", "/leave/a/b"];

  test.each(paths)("%s is a friendly 404, looked at or acted on", async (path) => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const { status, headers } = await visit(method, path, { form: "action=leave" });
      expect(status).toBe(404);
      expect(headers["Content-Type"]).toContain("text/html");
    }
  });

  test("count as failures of the address, and good links do not", async () => {
    failureLimit = createFailureLimit(3);
    const statuses: number[] = [];
    const logged: boolean[] = [];
    for (let round = 0; round < 6; round += 1) {
      const { status, isLogged } = await visit("GET", "/invitations/bad");
      statuses.push(status);
      logged.push(isLogged);
      expect((await visit("GET", "/invitations/good")).status).toBe(200);
    }
    expect(statuses).toEqual([404, 404, 404, 429, 429, 429]);
    expect(logged).toEqual([true, true, true, true, false, false]);
    const refused = await visit("GET", "/leave/bad");
    expect(Number(refused.headers["Retry-After"])).toBeGreaterThan(0);
    expect((await visit("GET", "/leave/bad", { address: "192.0.2.9" })).status).toBe(404);
  });
});

test("other methods are refused", async () => {
  for (const method of ["PUT", "DELETE", "PATCH", "FROB"]) {
    const { status, headers } = await visit(method, "/leave/good");
    expect([status, headers["Allow"]]).toEqual([405, "GET, HEAD, POST"]);
  }
  expect(kept.memberships.has("good")).toBe(true);
});

test("pages speak the language of the browser", async () => {
  const { html, headers } = await visit("GET", "/leave/good", { language: "de-CH, en;q=0.5" });
  expect(html).toContain('<html lang="de">');
  expect(html).toContain("Austreten");
  expect(headers["Content-Language"]).toBe("de");
  expect((await visit("GET", "/leave/good", { language: "fr" })).html).toContain('lang="en"');
});

test("no page carries its token, runs anything, fetches anything or tells its address", async () => {
  const token = "tok3n-with-a-secret";
  kept.invitations.set(token, open);
  kept.memberships.set(token, { tenantName: "Acme" });
  const answers = [
    await visit("GET", `/invitations/${token}`),
    await visit("GET", `/leave/${token}`),
    await press(`/leave/${token}`, "frob"),
    await press(`/invitations/${token}`, "accept"),
    await press(`/leave/${token}`, "leave"),
    await visit("GET", `/leave/${token}`),
    await visit("DELETE", `/leave/${token}`),
  ];
  for (const { html, headers, report } of answers) {
    expect(JSON.stringify([html, headers, report])).not.toContain(token);
    expect(report.pathTemplate).toMatch(/^\/(invitations|leave)\/\{token\}$/);
    expect(html).not.toMatch(/<script|src=|https?:|url\(/);
    expect(headers["Content-Security-Policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers["Referrer-Policy"]).toBe("no-referrer");
    expect(headers["Cache-Control"]).toBe("no-store");
  }
});

test("hostile names are text", async () => {
  const name = `<script>alert(1)</script>"'&`;
  kept.invitations.set("good", { tenantName: name, by: name, state: "open" });
  kept.memberships.set("good", { tenantName: name, role: name });
  for (const path of ["/invitations/good", "/leave/good"]) {
    const { html } = await visit("GET", path);
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  }
});

test("a failure is a page too, and a defect goes to the log", async () => {
  const defect = new Error("broken");
  const actions = { ...actionsOn(kept), membership: () => Promise.reject(defect) };
  const { status, html, report } = await visit("GET", "/leave/good", { actions });
  expect(status).toBe(500);
  expect(html).not.toContain("broken");
  expect(report.defect).toBe(defect);
});
