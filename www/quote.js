// Says beside the element what the agency does next. The element itself says how far it is.

const news = document.getElementById("news");
let said;

function say(template) {
  // It is read out each time.
  if (template === said) return;
  said = template;
  news.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

// What came is known from the screen: a pull may be complete and hold no policy.
const outcomes = { done: "all-here", "no-policies": "none-here" };
const sayOutcome = ({ name }, otherwise) => (name in outcomes ? say(outcomes[name]) : otherwise?.());

document.addEventListener("canopy-status", ({ detail }) => sayOutcome(detail.screen));
document.addEventListener("canopy-authenticated", ({ target }) => sayOutcome(target.session.screen, () => say("signed-in")));
document.addEventListener("canopy-error", () => say("cannot-go-on"));
