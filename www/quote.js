// Says beside the element what the agency does next. The element itself says how far it is.

const news = document.getElementById("news");

function say(template) {
  news.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

document.addEventListener("canopy-authenticated", () => say("signed-in"));
document.addEventListener("canopy-complete", () => say("all-here"));
document.addEventListener("canopy-error", () => say("cannot-go-on"));
