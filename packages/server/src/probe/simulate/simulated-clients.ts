/** The clients that can be simulated, each as its recorded flows show it. */
import { authentik } from "./clients/authentik.ts";
import { aws } from "./clients/aws.ts";
import { entra, entraLegacy } from "./clients/entra.ts";
import { google } from "./clients/google.ts";
import { jumpcloud } from "./clients/jumpcloud.ts";
import { keycloak } from "./clients/keycloak.ts";
import { midpoint } from "./clients/midpoint.ts";
import { okta } from "./clients/okta.ts";
import { onelogin } from "./clients/onelogin.ts";
import { ping } from "./clients/ping.ts";
import { pocketId } from "./clients/pocket-id.ts";
import type { ClientHabits } from "./scim-client-habits.ts";

/** Every client. */
export const simulatedClients: readonly ClientHabits[] = [
  okta,
  entra,
  entraLegacy,
  authentik,
  onelogin,
  jumpcloud,
  keycloak,
  ping,
  google,
  midpoint,
  aws,
  pocketId,
];
