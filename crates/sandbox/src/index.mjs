// The Worker's entry: gives the module its instance and exports what wrangler.toml names.
import module from "../../../build/sandbox/sandbox_bg.wasm";
import { initSync, fetch, Sandbox } from "../../../build/sandbox/sandbox.js";

initSync({ module });

export { Sandbox };
export default { fetch };
