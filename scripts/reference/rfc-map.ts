/** Derives docs/reference/rfc-map.md: which file and which test stands for which RFC section. */
import { rfcSections } from "./rfc-sections.ts";

/** A file that may hold marks of the form `RFC 7644 §3.5.2`. */
export interface MarkedFile {
  readonly path: string;
  readonly text: string;
}

/** A mark, one for each section named. */
export interface Mark {
  readonly rfc: string;
  readonly section: string;
}

/** Finds every mark in a text; `RFC 7643 §2.2, §7` is two, `RFC 7643 §5–7` three. */
export function marksIn(text: string): readonly Mark[] {
  const section = String.raw`§\d+(?:\.\d+)*(?:–\d+)?`;
  const marks = text.matchAll(
    new RegExp(String.raw`RFC (\d{4}) (${section}(?:(?:, | and )${section})*)`, "g"),
  );
  return [...marks].flatMap(([, rfc = "", sections = ""]) =>
    [...sections.matchAll(/§([\d.]+)(?:–(\d+))?/g)].flatMap(([, first = "", last]) =>
      sectionsBetween(first, last).map((one) => ({ rfc, section: one })),
    ),
  );
}

function sectionsBetween(first: string, last: string | undefined): readonly string[] {
  const from = Number(first);
  return last === undefined || !Number.isInteger(from)
    ? [first]
    : Array.from({ length: Number(last) - from + 1 }, (_, n) => String(from + n));
}

/** Writes the page. */
export function formatRfcMap(files: readonly MarkedFile[]): string {
  const places = new Map<string, { readonly code: Set<string>; readonly tests: Set<string> }>();
  for (const { path, text } of files) {
    for (const { rfc, section } of marksIn(text)) {
      const key = `${rfc} ${section}`;
      const place = places.get(key) ?? { code: new Set<string>(), tests: new Set<string>() };
      places.set(key, place);
      (path.endsWith(".test.ts") ? place.tests : place.code).add(path);
    }
  }
  const rfcs = [...new Set([...places.keys()].map((key) => key.slice(0, 4)))].toSorted();
  const list = (paths: ReadonlySet<string> | undefined) =>
    [...(paths ?? [])].toSorted().map(linkTo).join("<br>") || "–";
  const pages = rfcs.map((rfc) => {
    const titles = new Map(rfcSections[rfc]);
    const marked = [...places.keys()]
      .filter((key) => key.startsWith(rfc))
      .map((key) => key.slice(5));
    const sections = [...new Set([...titles.keys(), ...marked])].toSorted(bySection);
    const rows = sections.map((section) => {
      const place = places.get(`${rfc} ${section}`);
      return `| §${section} | ${titles.get(section) ?? ""} | ${list(place?.code)} | ${list(place?.tests)} |`;
    });
    return `## RFC ${rfc}\n\n| section | about | code | tests |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return `# Where each RFC section lives\n\nMade by \`npm run docs\` from the marks in code and tests; do not edit. A dash is a section without code or test.\n\n${pages.join("\n")}`;
}

function linkTo(path: string): string {
  const short = path.replace(/^packages\/(\w+)\/src\//, "$1: ");
  return `[${short}](../../${encodeURI(path)})`;
}

function bySection(a: string, b: string): number {
  const [left, right] = [a, b].map((section) => section.split(".").map(Number));
  for (let index = 0; ; index++) {
    const difference = (left?.[index] ?? -1) - (right?.[index] ?? -1);
    if (difference !== 0 || (left?.[index] === undefined && right?.[index] === undefined)) {
      return difference;
    }
  }
}
