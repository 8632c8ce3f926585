// Every sentence that a visitor reads, by name, in English; those of the later screens come with them, those of another language when it
// is spoken. `{agency}`, `{carrier}`, `{count}`, `{label}` are filled in; `{again}` and `{later}` are what helps, which is `newLink` where
// the page cannot begin anew.
import { part } from "./part.js";

const NOT_HERE = "Sharing does not work on this page at the moment. Please get in touch with {agency}.";

const NO_LINK = "This link is no longer valid. Please ask {agency} for a new one.";

export const TEXTS = {
  agency: "your insurance agency",
  carrier: "your insurance company",
  start: "Share my insurance",
  startNote: "You sign in to your insurance company; {agency} receives your policies, never your password.",
  opening: "Opening…",
  resume: "Continue",
  resumeNote: "The window was closed before all was done. Nothing is lost: you can go on.",
  reconnect: "Reconnect my insurance",
  reconnectNote: "Your insurance company asks you to sign in again before {agency} can see your latest policies.",
  hosted: "Continue in the window that has opened.",
  stop: "Stop and go back",

  consentHeading: "Share your insurance with {agency}",
  consentPoints: [
    "Choose your insurance company and sign in.",
    "{agency} receives your policies and their documents.",
    "You type your password into fields of Canopy Connect, so {agency} never sees it.",
  ],
  consentSentence:
    "By clicking “{label}” you agree to the Canopy Connect End User Privacy Policy and Terms of Service.",
  agree: "Agree and continue",
  terms: "Read the Privacy Policy and Terms of Service",
  termsTitle: "Privacy Policy and Terms of Service",

  loading: "One moment…",

  failedHeading: "That did not work",
  retry: "Try again",
  startOver: "Start again",
  again: "Please start again.",
  later: "Please try again in a few minutes.",
  newLink: "Please ask {agency} for a new link.",
  offline: "The connection is lost. Trying again…",
  online: "You are connected again.",
  EDGE_UNREACHABLE: "We cannot be reached right now. Check your connection, then try again.",
  SCRIPT_FAILED:
    "A part of this page could not be loaded. A content blocker may be stopping it: allow usecanopy.com on this page, then try again.",
  ORIGIN_NOT_ALLOWED: NOT_HERE,
  NOT_CONFIGURED: NOT_HERE,
  PAGE_INVALID: NOT_HERE,
  SESSION_EXPIRED: "This took longer than an hour, so it was ended to keep you safe. {again}",
  SESSION_OVER: NO_LINK,
  PROVIDER_ERROR: "{carrier} could not be reached. Nothing was changed. {later}",
  INTERNAL_ERROR: "Something went wrong on the way. Nothing was changed. {later}",
  VALIDATION_ERROR: "{carrier} could not carry this out. Please get in touch with {agency}.",
  ANSWER_LOST: "We lost touch with {carrier} while you signed in, and it is not sent twice. {again}",
  RECONNECT_REFUSED: NO_LINK,
  CANOPY_REFUSED: "That was not accepted. Check what you entered and try again.",
  TOO_MANY_REQUESTS: "Too many attempts. Wait a minute, then try again.",
  failed: "Something went wrong. Please try again, or get in touch with {agency}.",
};

/** Languages whose texts are loaded when they are spoken, each with the screens that say them: files of texts, and lines here. */
const LANGUAGES = {
  __proto__: null,
  es: { first: part(() => import("./texts-es.js")), screens: part(() => import("./screens-texts-es.js")), upload: part(() => import("./upload-texts-es.js")) },
};

/** Texts by language. */
const spoken = { __proto__: null, en: TEXTS };
/** What is being learnt, and what has been. */
const lessons = new Map();

/** The language of a tag such as `es-MX`: English where there are no texts in it. */
export function languageOf(tag) {
  const [language] = String(tag).toLowerCase().split("-");
  return LANGUAGES[language] ? language : "en";
}

/** Learns the texts of a part of the screens; `undefined` where they are there. */
export function learn(language, screens) {
  const load = LANGUAGES[language]?.[screens];
  const lesson = `${language} ${screens}`;
  if (!load || lessons.get(lesson) === true) return undefined;
  if (!lessons.has(lesson)) {
    const learning = load().then(({ TEXTS: texts }) => {
      spoken[language] = { ...spoken[language], ...texts };
      lessons.set(lesson, true);
    });
    lessons.set(lesson, learning);
    learning.catch(() => lessons.delete(lesson));
  }
  return lessons.get(lesson);
}

/** The tag as `Intl` takes it. */
export function localeOf(tag) {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en-US";
  } catch {
    return "en-US";
  }
}

/**
 * What a text stands for, with its blanks filled in. `texts` are the page's own. A text may be an object of forms by the plural categories of
 * `Intl.PluralRules`, of which `count` chooses.
 */
export function filled({ texts, language, locale }, name, values = {}) {
  const find = (name) => texts[name] ?? spoken[language]?.[name] ?? TEXTS[name];
  const said = (value) => (typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value);
  // Where a text begins with a word of ours, that begins a sentence; a name is as it was given.
  const begin = (word) => word && word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
  const fill = (text) => text.replace(/\{(\w+)\}/g, (blank, word, at) => said(values[word]) ?? (at ? find(word) : begin(find(word))) ?? blank);
  const text = find(name) ?? find("failed");
  if (Array.isArray(text)) return text.map(fill);
  return fill(typeof text === "object" ? (text[new Intl.PluralRules(locale).select(values.count)] ?? text.other) : text);
}

/** The page's word for a value of Canopy's, such as a policy's type: `undefined` where nobody has one. */
export const wordFor = ({ texts, language }, kind, value) => texts[`${kind}.${value}`] ?? spoken[language]?.[`${kind}.${value}`];
