// Shows a pull's life, and goes back and forth in it. Pull and token stay in this page's memory: no address, no storage, no history has them.
import { pressed } from "./shared/pressed.js";
import { counted, listed, ZONE } from "./shared/words.js";
import { Wish } from "./timeline/asking.js";
import { askedName, comparisonOf } from "./timeline/compare.js";
import { PullEdge } from "./timeline/edge.js";
import { Picture } from "./timeline/picture.js";
import { EntryList, entryCard } from "./timeline/reading.js";
import { legendOf } from "./timeline/shapes.js";
import { changesName, forgetFolds, viewOf } from "./timeline/view.js";
import { Walk } from "./timeline/walk.js";
import { momentOf, nameOf, stepOf } from "./timeline/words.js";

const at = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));

/** Who is asked, for what is shown or comes to be. */
let asked;
/** What is shown: `{ entries, walk, index }`. */
let life;

const list = new EntryList(at.entries);
const wish = new Wish(at.wish);
const picture = new Picture(at.picture, {
  onChoose: choose,
  onWindow: (text, isWhole) => {
    at.window.textContent = text;
    at.whole.setAttribute("aria-disabled", isWhole);
  },
});

/** Goes to an entry. What the slider itself says need not be said twice. */
function choose(index, saidBy) {
  if (!life) return;
  const { entries, walk } = life;
  life.index = Math.min(Math.max(index, 0), entries.length - 1);
  const entry = entries[life.index];
  const { before, after } = walk.to(life.index);
  const step = stepOf(entry, life.index, entries.length);
  at.slider.value = life.index;
  at.slider.setAttribute("aria-valuetext", step);
  at.step.setAttribute("aria-live", saidBy === at.slider ? "off" : "polite");
  at.step.textContent = step.charAt(0).toUpperCase() + step.slice(1);
  for (const [button, end] of [[at.first, 0], [at.previous, 0], [at.next, entries.length - 1], [at.last, entries.length - 1]]) {
    button.setAttribute("aria-disabled", life.index === end);
  }
  picture.choose(life.index);
  list.choose(life.index);
  at.entry.replaceChildren(entryCard(entry, (position) => choose(entries.findIndex((each) => each.position === position))));
  at.changed.textContent = changesName(before, after);
  at.view.replaceChildren(viewOf(before, after));
  // No patch speaks of it.
  at.json.textContent = JSON.stringify({ ...after, is_to_come: entry.is_to_come }, null, 2);
}

/** Between what was last and what comes first: the edge's clock may be another than this machine's. */
function nowAmong(entries) {
  const moments = (isToCome) => entries.filter(({ is_to_come }) => is_to_come === isToCome).map(momentOf);
  return Math.min(Math.max(Date.now(), ...moments(false)), ...moments(true));
}

function show(pull, entries, first) {
  const toCome = entries.filter(({ is_to_come }) => is_to_come).length;
  life = { entries, walk: new Walk(entries, first), index: 0 };
  at.name.textContent = pull.pull_id;
  at.summary.textContent = `${[pull.status ?? "no status", counted(entries.length - toCome, "entry", "entries"), `${toCome} to come`].join(" · ")}. Times are those of ${ZONE}.`;
  at.legend.replaceChildren(...legendOf(entries));
  at.meaning.open = matchMedia("(min-width: 48rem)").matches;
  at.slider.max = entries.length - 1;
  list.show(entries, { onChoose: choose, onLeaveOut: sayLeftOut });
  sayLeftOut();
  at.compared.replaceChildren();
  at.wrong.textContent = "";
  at.shown.hidden = false;
  picture.show(entries, nowAmong(entries));
  choose(Math.max(entries.length - toCome - 1, 0));
}

function sayLeftOut() {
  const names = list.leftOut.map((position) => `${position} (${nameOf(life.entries.find((entry) => entry.position === position))})`);
  at["left-out"].textContent = names.length > 0 ? `Left out: ${listed(names)}, and all that followed from it.` : "Nothing is left out.";
}

async function load(edge) {
  at.loading.hidden = false;
  at.progress.removeAttribute("value");
  at.far.textContent = "Reading the pull";
  try {
    const [pull, first] = await Promise.all([edge.view(), edge.view(1)]);
    at.progress.max = pull.revision;
    const entries = await edge.timeline((count) => {
      at.progress.value = count;
      at.far.textContent = `Read ${counted(count, "entry", "entries")}`;
    });
    show(pull, entries, first);
  } finally {
    at.loading.hidden = true;
  }
}

/** Forgets what was shown, and what was asked. */
function forget() {
  asked?.forget();
  asked = life = undefined;
  picture.clear();
  list.clear();
  wish.clear();
  forgetFolds();
  at.ask.reset();
  for (const id of ["name", "summary", "legend", "step", "window", "entry", "changed", "view", "json", "left-out", "compared", "problem", "wrong"]) at[id].replaceChildren();
  at.slider.removeAttribute("aria-valuetext");
  at.compared.setAttribute("aria-label", "The comparison");
  at.shown.hidden = at.loading.hidden = true;
}

at.ask.addEventListener("submit", (event) => {
  event.preventDefault();
  asked?.forget();
  asked = new PullEdge(at.pull.value.trim(), at.token.value.trim());
  at.shown.hidden = true;
  pressed(at.show, at.problem, asked, async () => {
    await load(asked);
    at.shown.focus();
    at.shown.scrollIntoView();
  });
});

at.slider.addEventListener("input", () => choose(at.slider.valueAsNumber, at.slider));
at.first.addEventListener("click", () => choose(0));
at.previous.addEventListener("click", () => choose(life.index - 1));
at.next.addEventListener("click", () => choose(life.index + 1));
at.last.addEventListener("click", () => choose(life.entries.length - 1));
at.closer.addEventListener("click", () => picture.lookCloser());
at.whole.addEventListener("click", () => picture.showWhole());

at.wish.addEventListener("submit", (event) => {
  event.preventDefault();
  const edge = asked;
  const request = wish.read(list.leftOut);
  if (!request) return;
  pressed(at.compare, at.wrong, edge, async () => {
    at.compared.replaceChildren();
    const answer = await edge.simulate(request);
    at.compared.replaceChildren(...comparisonOf(request, answer));
    at.compared.setAttribute("aria-label", `As it is, and ${askedName(request)}`);
    at.compared.focus();
  });
});
at.nothing.addEventListener("click", () => {
  wish.clear();
  list.keepAll();
  sayLeftOut();
  at.compared.replaceChildren();
});

// Whoever comes back by the browser's button may be somebody else.
addEventListener("pagehide", forget);
