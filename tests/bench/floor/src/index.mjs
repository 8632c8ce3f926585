// The Worker's entry: gives the module its instance and exports what wrangler.toml names.
import module from "../../../../build/floor/floor_bg.wasm";
import { initSync, fetch, Pull } from "../../../../build/floor/floor.js";

initSync({ module });

export { Pull };
export default { fetch };
