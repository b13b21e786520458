/** What a store promises about filters: the meaning of `evaluateFilter`, on everything that may be returned. */
import type { StoredResource } from "../resource/resource.ts";
import type { ContractPopulation } from "./contract-population.ts";
import { contractBaseUrl } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame } from "./contract-test.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** Six users, all different, and three groups: crew in fleet, and an empty one. */
async function fill(population: ContractPopulation): Promise<Record<string, StoredResource>> {
  const { createUser, createGroup } = population;
  const ann = await createUser("Ann", {
    externalId: "007",
    title: "Dr",
    active: true,
    name: { familyName: "Ångström", givenName: "Ann" },
    emails: [
      { value: "Ann@work.example", type: "work", primary: true },
      { value: "ann@home.example", type: "home" },
    ],
    [enterprise]: { department: "Ops", manager: { value: "boss" } },
  });
  const bea = await createUser("bea", {
    externalId: "7",
    title: "100%",
    active: false,
    emails: [
      { value: "bea@work.example", type: "home" },
      { value: "bea@home.example", type: "work" },
    ],
  });
  const cleo = await createUser("Cleo", { externalId: "x", title: "under_score", active: true });
  const dora = await createUser("dora", { externalId: "X", title: "back\\slash" });
  const emil = await createUser("Emil", { title: "Straße \u{1F389}", nickName: "\u{FF21}nn" });
  const finn = await createUser("finn", { title: 'say "hi"', [enterprise]: { department: "ops" } });
  const crew = await createGroup("crew", [ann.id, bea.id]);
  const fleet = await createGroup("Fleet", [crew.id, cleo.id]);
  const empty = await createGroup("empty");
  return { ann, bea, cleo, dora, emil, finn, crew, fleet, empty };
}

/** What a filter finds; `{ann}` in it stands for the id of ann. */
interface FilterRow {
  readonly kind: "user" | "group";
  readonly filter: string;
  readonly expected: string;
  readonly says: string;
}

function row(kind: FilterRow["kind"], filter: string, expected: string, says = ""): FilterRow {
  return { kind, filter, expected, says };
}

/** One test of many filters on one population, since filling a store takes longer than asking it. */
function filterTest(name: string, rows: readonly FilterRow[]): ContractTest {
  return contractTest(`filters: ${name}`, async (population) => {
    const resources = await fill(population);
    const nameOf = (id: string) =>
      Object.keys(resources).find((key) => resources[key]?.id === id) ?? "somebody";
    for (const { kind, filter, expected, says } of rows) {
      const filled = filter.replace(/\{(\w+)\}/g, (_, named: string) => resources[named]?.id ?? "");
      const page = await population.query(population[kind], { filter: filled });
      const found = page.resources.map(({ id }) => nameOf(id)).join(" ");
      const what = `${kind}s with ${filter}${says === "" ? "" : ` (${says})`}`;
      expectSame(found, expected, what);
      expectSame(page.totalResults, page.resources.length, `the total of ${what}`);
    }
  });
}

const simple: readonly FilterRow[] = [
  row("user", 'userName eq "ANN"', "ann", "in any case"),
  row("user", 'externalId eq "x"', "cleo", "in this case"),
  row("user", 'externalId eq "7"', "bea", "since 007 is another string"),
  row("user", 'externalId eq "07"', ""),
  row("user", 'userName ne "ann"', "bea cleo dora emil finn"),
  row("user", 'externalId ne "x"', "ann bea dora emil finn", "those without one too"),
  row("user", 'userName co "E"', "bea cleo emil"),
  row("user", 'userName sw "c"', "cleo"),
  row("user", 'userName ew "A"', "bea dora"),
  row("user", 'userName gt "cleo"', "dora emil finn"),
  row("user", 'userName ge "CLEO"', "cleo dora emil finn"),
  row("user", 'userName lt "bea"', "ann"),
  row("user", 'userName le "BEA"', "ann bea"),
  row("user", "externalId pr", "ann bea cleo dora"),
  row("user", "not (externalId pr)", "emil finn"),
  row("user", "externalId eq null", "emil finn"),
  row("user", "externalId ne null", "ann bea cleo dora"),
  row("user", 'title co "%"', "bea", "where % is a letter like any other"),
  row("user", 'title co "_"', "cleo", "where _ is a letter like any other"),
  row("user", 'title co "\\\\"', "dora", "where a backslash is a letter like any other"),
  row("user", 'title eq "say \\"hi\\""', "finn"),
  row("user", 'title ew "\u{1F389}"', "emil"),
  row("user", 'title sw "STRAßE"', "emil"),
  row("user", 'nickName eq "ann"', "emil", "width folded"),
  row("user", `userName eq "' OR 1=1 --"`, ""),
  row("user", 'title eq ""', ""),
  row("user", "active eq true", "ann cleo"),
  row("user", "active eq false", "bea"),
  row("user", "active ne true", "bea dora emil finn"),
];

const composed: readonly FilterRow[] = [
  row("user", 'userName eq "ann" or userName eq "bea" and title eq "Dr"', "ann"),
  row("user", '(userName eq "ann" or userName eq "bea") and title eq "100%"', "bea"),
  row("user", 'not (userName eq "ann" or active eq true)', "bea dora emil finn"),
  row("user", 'not (not (userName eq "ann"))', "ann"),
  row("user", 'name.familyName eq "ÅNGSTRÖM"', "ann"),
  row("user", "name pr", "ann"),
  row("user", 'emails eq "BEA@work.example"', "bea"),
  row("user", 'emails.value ew "@home.example"', "ann bea", "any value counts"),
  row("user", 'emails.type eq "work" and emails.value co "ann@home"', "ann"),
  row("user", 'emails[type eq "work" and value co "@work"]', "ann", "one element has to fit"),
  row("user", 'emails[type eq "work" and value co "ann@home"]', ""),
  row("user", 'not (emails[type eq "work"])', "cleo dora emil finn"),
  row("user", 'emails[not (type eq "work")]', "ann bea"),
  row("user", "emails[primary eq true]", "ann"),
  row("user", "emails[primary eq false]", "ann bea", "missing is false"),
  row(
    "user",
    'emails.value ne "ann@home.example"',
    "ann bea cleo dora emil finn",
    "one other value is enough, and so is none",
  ),
  row("user", `${enterprise}:department eq "OPS"`, "ann finn"),
  row("user", `${enterprise}:manager.value eq "boss"`, "ann"),
];

const common: readonly FilterRow[] = [
  row("user", 'id eq "{cleo}"', "cleo"),
  row("user", 'id eq "nobody"', ""),
  row("user", 'meta.resourceType eq "User"', "ann bea cleo dora emil finn"),
  row("user", 'meta.created gt "2025-06-15T00:00:03Z"', "emil finn"),
  row("user", 'meta.created le "2025-06-15T02:00:01.000+02:00"', "ann bea"),
  row("user", 'meta.lastModified eq "2025-06-15T00:00:02Z"', "cleo"),
  row("user", `meta.location eq "${contractBaseUrl}/Users/{dora}"`, "dora"),
  row("user", `schemas eq "${enterprise}"`, "ann finn"),
];

const related: readonly FilterRow[] = [
  row("group", 'members.value eq "{ann}"', "crew"),
  row("group", 'members eq "{crew}"', "fleet"),
  row("group", 'id eq "{crew}" and members eq "{bea}"', "crew"),
  row("group", 'id eq "{fleet}" and members eq "{bea}"', ""),
  row("group", 'members[value eq "{cleo}"]', "fleet"),
  row("group", 'members[value eq "{cleo}" and type eq "Group"]', ""),
  row("group", 'members.type eq "Group"', "fleet"),
  row("group", 'members.display eq "BEA"', "crew"),
  row("group", `members.$ref eq "${contractBaseUrl}/Users/{cleo}"`, "fleet"),
  row("group", "members pr", "crew fleet"),
  row("group", "not (members pr)", "empty"),
  row("group", 'members.value ne "{ann}"', "crew fleet empty", "bea is another one"),
  row("group", 'displayName eq "FLEET" or members.value eq "{ann}"', "crew fleet"),
  row("user", 'groups.value eq "{crew}"', "ann bea"),
  row("user", 'groups.display eq "fleet"', "ann bea cleo"),
  row("user", 'groups[type eq "indirect"]', "ann bea"),
  row("user", 'groups[type eq "direct" and value eq "{fleet}"]', "cleo"),
  row("user", "not (groups pr)", "dora emil finn"),
];

/** Promises about filters. */
export const filterContract: readonly ContractTest[] = [
  filterTest("simple attributes", simple),
  filterTest("logic, sub-attributes, value paths, extensions", composed),
  filterTest("id, meta and schemas", common),
  filterTest("relations and derived attributes", related),
];
