import type { Pull } from "./pull";
import type { Session } from "./session";

export interface Env {
  PULL: DurableObjectNamespace<Pull>;
  SESSION: DurableObjectNamespace<Session>;
  PULLS: KVNamespace;
  AGENCY: D1Database;
  CANOPY_API_BASE_URL: string;
  CANOPY_TEAM_ID: string;
  CANOPY_CLIENT_ID: string;
  CANOPY_CLIENT_SECRET: string;
  /** One secret, or several separated by commas. */
  CANOPY_WEBHOOK_SIGNING_SECRET: string;
  EDGE_SESSION_KEY: string;
  WEBHOOK_TOLERANCE_SECONDS?: string;
}
