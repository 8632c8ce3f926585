/** The first screen as HTML, for pages that have it in them. */
import type { CanopyConnectElement } from "./canopy-connect.js";

/** What the element is going to be: its attributes, its `texts`, the language that it stands in. */
export interface FirstScreen {
  mode?: "hosted" | "components";
  consent?: boolean;
  agency?: string;
  label?: string;
  lang?: string;
  texts?: CanopyConnectElement["texts"];
  /** For a page whose Content-Security-Policy asks for one on its styles. */
  nonce?: string;
}

/**
 * What is to stand in `<canopy-connect>` as its first child: it is read, and its button pressed, before any script is there. What the
 * element itself says in other words it draws anew, and what was pressed before does not count.
 */
export function firstScreen(element?: FirstScreen): Promise<string>;
