// What stands in the page for Canopy's own embed script, made into `<canopy-connect>`. Loaded where the script's address asks for it.

const EMBEDS = ".canopy-connect-mount, a.canopy-connect-embed";
/** What belongs to the tag that goes: its looks, its link, and which link of the team's it opened. */
const OLD = /^(class|style|href|target|rel|data-canopy-.*)$/;

/** The element in the place of `old`; all other attributes go along. */
function successor(old, queryMetadata) {
  const own = document.createElement("canopy-connect");
  // Copied as they are: a template's may have names that no script can give.
  for (const attribute of old.attributes) if (!OLD.test(attribute.name)) own.setAttributeNode(attribute.cloneNode());
  if (old.localName !== "a") own.setAttribute("inline", "");
  else {
    const label = old.textContent.trim() || old.getAttribute("aria-label");
    if (label && !own.hasAttribute("label")) own.setAttribute("label", label);
    own.metadata = queryMetadata(old.search);
  }
  return own;
}

/** Makes every embed of the page an element, once the page is there, and those that come later. `queryMetadata` reads what a link's query says of a pull. */
export function upgrade(queryMetadata) {
  if (document.readyState === "loading") return void document.addEventListener("DOMContentLoaded", () => upgrade(queryMetadata), { once: true });
  const replace = () => {
    for (const old of document.querySelectorAll(EMBEDS)) old.replaceWith(successor(old, queryMetadata));
  };
  replace();
  new MutationObserver(replace).observe(document.documentElement, { childList: true, subtree: true });
}
