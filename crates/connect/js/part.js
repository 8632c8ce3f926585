// Parts of the script that are loaded later.

/** How long what is loaded, or mounted, may take. */
const LIMIT_MS = 20_000;

/** What `promise` gives, unless `millis` pass before. */
export function soon(promise, millis = LIMIT_MS) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it did not arrive in time")), millis)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * A function that loads what `load` imports. They are asked for before they are wanted, also because the edge may be deployed anew
 * meanwhile. Browsers keep the failure of a module with its address, for as long as the page lives: after one it is asked for by another.
 */
export function part(load) {
  // What the bundler has made of that address; a bundler of the page's own may have made something else of it.
  const [, address] = /^[^"]*"([^"]+\.js)"\)$/.exec(load) ?? [];
  let failures = 0;
  return () =>
    soon(failures && address ? import(`${address}?${failures}`) : load()).catch((error) => {
      failures += 1;
      throw error;
    });
}
