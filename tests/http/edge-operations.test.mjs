// Every operation of the published document through the edge: what a client written for Canopy does, with another base URL and
// another secret, is answered as the sandbox answers it.
process.env.THROUGH = "edge";
await import("./sandbox-operations.test.mjs");
