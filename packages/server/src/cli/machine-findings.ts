/** What `rollcall doctor` says of the machine: Node, the data folder, its disk, and whether a server keeps up with its work. */
import type { Finding } from "./finding.ts";

/** The Node version that is recommended. */
const nodeRecommended = 24;
/** Less free space than this is a problem. */
const freeBytesMin = 100 * 1024 * 1024;
/** Less free space than this deserves a warning. */
const freeBytesWarn = 1024 * 1024 * 1024;
/** More audit entries without a place in the chain deserve a warning: a server chains them within seconds. */
const unchainedMax = 10_000;

/** Says which version of Node runs. */
export function nodeFinding(version: string): Finding {
  return Number(version.split(".")[0]) >= nodeRecommended
    ? { check: "node", state: "ok", text: `Node ${version}` }
    : {
        check: "node",
        state: "warning",
        text: `Node ${version} works; Node ${nodeRecommended} is recommended`,
      };
}

/** A data folder with the modes of what is in it. */
export interface FolderFacts {
  readonly folder: string;
  readonly mode: number;
  /** Where the instance key is, unless the environment has it. */
  readonly key: string;
  readonly keyMode: number | undefined;
}

/** Says who can look into the data folder, and who can read the instance key. */
export function folderFindings({ folder, mode, key, keyMode }: FolderFacts): readonly Finding[] {
  const octal = (mode & 0o777).toString(8);
  const whole: Finding =
    (mode & 0o007) === 0
      ? { check: "folder", state: "ok", text: `${folder}, mode ${octal}` }
      : {
          check: "folder",
          state: "warning",
          text: `everybody on this machine can look into it: chmod 700 ${folder}`,
        };
  return keyMode === undefined || (keyMode & 0o077) === 0
    ? [whole]
    : [
        whole,
        {
          check: "key",
          state: "problem",
          text: `others can read the instance key: chmod 600 ${key}`,
        },
      ];
}

/** Says how much room there is. */
export function diskFinding(freeBytes: number): Finding {
  const text = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (freeBytes < freeBytesMin) {
    return { check: "disk", state: "problem", text: `only ${text}: make room` };
  }
  return freeBytes < freeBytesWarn
    ? { check: "disk", state: "warning", text: `only ${text}: make room soon` }
    : { check: "disk", state: "ok", text };
}

/** Says how far the chain of the audit log is behind; whether it holds takes long to find out: `audit verify` does. */
export function chainFinding(unchained: number): Finding {
  if (unchained === 0) {
    return { check: "audit", state: "ok", text: "every audit entry is chained" };
  }
  return unchained <= unchainedMax
    ? { check: "audit", state: "ok", text: `${unchained} audit entries are not chained yet` }
    : {
        check: "audit",
        state: "warning",
        text: `${unchained} audit entries are not chained, so that changes to them would not be found: a running server chains them, so start one or look at its log`,
      };
}
