/** Every requirement that `rollcall check` looks at, in the order of the list of requirements. */
import type { Requirement } from "./requirement.ts";
import { bulkRequirements } from "./requirements/bulk.ts";
import { discoveryRequirements } from "./requirements/discovery.ts";
import { etagRequirements } from "./requirements/etags.ts";
import { filterRequirements } from "./requirements/filters.ts";
import { groupRequirements } from "./requirements/groups.ts";
import { listRequirements } from "./requirements/lists.ts";
import { messageRequirements } from "./requirements/messages.ts";
import { patchRequirements } from "./requirements/patch.ts";
import { resourceRequirements } from "./requirements/resources.ts";
import { userRequirements } from "./requirements/users.ts";
import { writeRequirements } from "./requirements/writes.ts";

/** All of them. */
export const allRequirements: readonly Requirement[] = [
  ...discoveryRequirements,
  ...messageRequirements,
  ...resourceRequirements,
  ...userRequirements,
  ...groupRequirements,
  ...writeRequirements,
  ...listRequirements,
  ...filterRequirements,
  ...patchRequirements,
  ...etagRequirements,
  ...bulkRequirements,
];
