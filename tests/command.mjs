// `cargo xtask` as a person calls it.
import { execFile } from "node:child_process";
import { LOCAL } from "./harness.mjs";

/**
 * Runs `cargo xtask` with these arguments, without a terminal.
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function xtask(args, env = {}) {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, cwd: import.meta.dirname };
    const child = execFile("cargo", ["xtask", ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
    child.stdin.end();
  });
}

/** The variables of a team's own commands, where its Canopy is `canopy`. */
export const teamOf = (canopy) => ({
  CANOPY_API_BASE_URL: `${canopy.url}/api/v1.0.0`,
  CANOPY_TEAM_ID: LOCAL.teamId,
  CANOPY_CLIENT_ID: LOCAL.clientId,
  CANOPY_CLIENT_SECRET: LOCAL.clientSecret,
});
