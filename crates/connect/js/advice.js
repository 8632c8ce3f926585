// Why it does not work on this page, for the developer. Loaded when it does not.

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/;

/** Reasons by code. `of` is the edge's address, or that of what failed; `why` is what was said. */
const REASONS = {
  ORIGIN_NOT_ALLOWED: (edge, why) => {
    if (/opened/.test(why)) return `the session was opened for pages of another origin than ${self.origin}: the back office names it as it opens one`;
    if (self.origin === "null") return `the page stands in a sandboxed frame, so that its origin is "null", which no edge allows: add allow-same-origin to the frame's sandbox`;
    const flag = LOOPBACK.test(edge) ? `, or start the demo with --allow-origin ${self.origin}` : "";
    const plain = isSecureContext ? "" : ". It is a page over plain http, which no edge allows: serve it over https";
    return `the edge ${edge} refuses pages of ${self.origin}: add it to EDGE_ALLOWED_ORIGINS${flag}${plain}`;
  },
  EDGE_UNREACHABLE: (edge) => `the edge ${edge} gave no answer: is it up, and allowed by the page's Content-Security-Policy in connect-src?`,
  NOT_CONFIGURED: (edge) => `the edge ${edge} is not configured: ${edge}/healthz names what is missing`,
  CANOPY_FAILED: () => "Canopy did not answer the edge as it should: the edge's log says more",
  TOO_MANY_REQUESTS: () => "too many sessions were opened from this address, or one asked too often",
  SCRIPT_FAILED: (url, why) =>
    /trusted/i.test(why)
      ? `${url}: the page's Trusted Types refuse it: allow canopy-connect in trusted-types (${why})`
      : /forbids|says nothing/.test(why)
        ? `${url}: ${why}. Do a content blocker and the page's Content-Security-Policy, in frame-src, let https://*.usecanopy.com through?`
        : `${url}: ${why}. Does the page's Content-Security-Policy allow it in script-src?`,
  WASM_FAILED: (origin, why) =>
    `WebAssembly did not load from ${origin}: ${why}. Does the page's Content-Security-Policy allow 'wasm-unsafe-eval' in script-src, and ${origin} in connect-src?`,
  PART_FAILED: (_, why) => `${why}. Is it there, and allowed by the page's Content-Security-Policy in script-src?`,
  PAGE_INVALID: (_, why) => why,
  CRASHED: (_, why) => `its WebAssembly stopped: ${why}. Trying again starts it anew`,
};

/** `violations` are those of the page's policy so far, `isSameSite` tells which are about `of`. */
export async function advise(code, of, why, violations, isSameSite) {
  // A violation is told a moment after what it forbids has failed.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const forbidden = violations.findLast?.(({ blockedURI }) => isSameSite(blockedURI, of) || (code === "WASM_FAILED" && blockedURI === "wasm-eval"));
  const named = forbidden ? `. The page's Content-Security-Policy forbids ${forbidden.blockedURI} in ${forbidden.effectiveDirective}` : "";
  const reason = REASONS[code]?.(of, why) ?? why;
  console.error(`[canopy-connect] ${code}${reason ? `: ${reason}` : ""}${named}`);
}
