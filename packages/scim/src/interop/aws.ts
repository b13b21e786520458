/** What clients written for AWS IAM Identity Center need beyond the defaults. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Clients written for AWS IAM Identity Center. Interop: they send a POST first and search by name after the 409
 * (aws-style-clients.json, create-or-get-and-membership).
 */
export const awsProfile: ClientProfile = {
  name: "aws",
  title: "AWS IAM Identity Center clients",
  settings: { adoption: "never" },
  rewrites: [],
};
