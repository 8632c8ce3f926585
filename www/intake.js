// Shows the printable page of a pull. Pull and token stay in this page's memory: no address, no storage, no history has them.

const [form, pull, token, redact, problem, shown, page, done] = ["ask", "pull", "token", "redact", "problem", "shown", "page", "done"].map(
  (id) => document.getElementById(id),
);
/** What was shown last: its path, its parameters, and who may read it. */
let last;

/** An answer of the edge, or an error that says what to do. */
async function answer(path, authorization) {
  const response = await fetch(path, { headers: { authorization } }).catch(() => {
    throw new Error("The edge could not be reached. Check the connection, then try again.");
  });
  if (response.ok) return response;
  const { title, detail } = await response.json().catch(() => ({}));
  throw new Error(title ? `${title}: ${detail}.` : `The edge answered ${response.status}.`);
}

/** The intake that is shown, in another form. */
function inForm(name) {
  return answer(`${last.path}?${new URLSearchParams({ ...last.parameters, form: name })}`, last.authorization);
}

/** Does `work` for a button that waits so long, and says what went wrong. */
async function pressed(button, work) {
  button.disabled = true;
  problem.textContent = done.textContent = "";
  try {
    await work();
  } catch (error) {
    problem.textContent = error.message;
    problem.scrollIntoView({ block: "nearest" });
  } finally {
    button.disabled = false;
  }
}

async function save(response, name) {
  const given = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await response.blob()), download: given ?? name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Forgets what was shown. */
function forget() {
  last = undefined;
  token.value = pull.value = "";
  page.removeAttribute("srcdoc");
  shown.hidden = true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(event.submitter ?? form.querySelector("button"), async () => {
    const path = `/api/v1/pulls/${encodeURIComponent(pull.value.trim())}/intake`;
    const asked = { path, parameters: redact.value ? { redact: redact.value } : {}, authorization: `Bearer ${token.value.trim()}` };
    shown.hidden = true;
    const before = last;
    last = asked;
    try {
      page.srcdoc = await (await inForm("html")).text();
    } catch (error) {
      last = before;
      throw error;
    }
    shown.hidden = false;
    shown.focus();
    shown.scrollIntoView();
  });
});

page.addEventListener("load", () => {
  const inside = page.contentDocument;
  if (!last || !inside) return;
  const fit = () => (page.style.height = `${inside.documentElement.scrollHeight}px`);
  new ResizeObserver(fit).observe(inside.documentElement);
  fit();
  // A link to a document needs the token, too.
  inside.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='/api/v1/']");
    if (!link) return;
    event.preventDefault();
    pressed(link, async () => save(await answer(link.getAttribute("href"), last.authorization), "document"));
  });
});

document.getElementById("print").addEventListener("click", () => page.contentWindow.print());
document.getElementById("note").addEventListener("click", (event) =>
  pressed(event.target, async () => {
    await navigator.clipboard.writeText(await (await inForm("text")).text());
    done.textContent = "Copied.";
  }),
);
document.getElementById("tables").addEventListener("click", (event) =>
  pressed(event.target, async () => save(await inForm("csv"), "intake.zip")),
);

// Whoever comes back by the browser's button may be somebody else.
addEventListener("pagehide", forget);
