// Every sentence that a visitor reads, by name. `{agency}`, `{carrier}`, `{count}`, `{label}` are filled in.
export const TEXTS = {
  agency: "your insurance agency",
  carrier: "your insurance company",
  start: "Share my insurance",
  startAgain: "Continue sharing",
  startNote: "You sign in to your insurance company; {agency} receives your policies, never your password.",
  opening: "Opening…",
  reconnect: "Reconnect my insurance",
  reconnectNote: "Your insurance company asks you to sign in again before {agency} can see your latest policies.",
  hosted: "Continue in the window that has opened.",

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

  carriersHeading: "Who is your insurance company?",
  carriersSearch: "Search by name",
  carriersFound: "{count} found",
  carriersOne: "1 found",
  carriersNone: "No company of that name. Check the spelling, or try one word of it.",
  carriersMore: "and {count} more: keep typing",
  loading: "One moment…",

  credentialsHeading: "Sign in to {carrier}",
  credentialsNote: "Type the user name and password of your {carrier} account. They go to Canopy Connect, encrypted, and never to {agency}.",
  credentialsRefused: "{carrier} did not accept this sign-in. Check what you typed and try again.",
  username: "Username",
  password: "Password",
  signIn: "Sign in",
  changeCarrier: "Choose another company",
  forgot: "Forgot your password?",

  optionHeading: "Where shall {carrier} send your code?",
  optionNote: "{carrier} checks that it is you.",
  sendCode: "Send the code",
  codeHeading: "Enter the code from {carrier}",
  codeNote: "It may take a minute to arrive.",
  codeRefused: "That code was not right. Check it and try again.",
  code: "Code",
  continue: "Continue",
  resend: "Send another code",
  resent: "Another code is on its way.",
  changeOption: "Send it another way",

  waitingHeading: "Getting your insurance",
  connecting: "Connecting to {carrier}…",
  uncertain: "We could not tell yet whether your sign-in arrived. It is not sent twice: this page shows it as soon as we know.",
  "signing-in": "Signing in to {carrier}…",
  verifying: "Checking with {carrier}…",
  "reading-policies": "Signed in. Reading your policies…",
  "reading-documents": "Your policies have arrived. The documents follow…",
  submitting: "{carrier} is making the change…",
  mayLeave: "You have done your part: you may close this page.",
  startOver: "Start again",
  offline: "The connection is lost. Trying again…",

  confirmationHeading: "Please confirm this change",
  confirmationNote: "{carrier} makes it only after you confirm. It cannot be undone here.",
  before: "Before",
  after: "After",
  nothing: "none",
  confirm: "Confirm",
  reject: "Do not make this change",

  doneHeading: "Thank you",
  done: "{agency} has your insurance. You can close this page.",
  donePolicies: "You shared:",
  doneConfirmed: "The change was confirmed.",
  doneRejected: "The change was not made.",
  doneUnknown: "Whether the change was made is not known. Please ask {agency}.",

  failedHeading: "That did not work",
  retry: "Try again",
  EDGE_UNREACHABLE: "We cannot be reached right now. Check your connection, then try again.",
  SCRIPT_FAILED:
    "A part of this page could not be loaded. A content blocker may be stopping it: allow usecanopy.com on this page, then try again.",
  ORIGIN_NOT_ALLOWED: "Sharing does not work on this page at the moment. Please get in touch with {agency}.",
  NOT_CONFIGURED: "Sharing does not work on this page at the moment. Please get in touch with {agency}.",
  SESSION_EXPIRED: "This took longer than an hour, so it was ended to keep you safe. Please start again.",
  PROVIDER_ERROR: "{carrier} could not be reached. Nothing was changed. Please try again in a few minutes.",
  INTERNAL_ERROR: "Something went wrong on the way. Nothing was changed. Please try again in a few minutes.",
  VALIDATION_ERROR: "{carrier} could not carry this out. Please get in touch with {agency}.",
  ANSWER_LOST: "We lost touch with {carrier} while you signed in, and it is not sent twice. Please start again.",
  RECONNECT_REFUSED: "This link is no longer valid. Please ask {agency} for a new one.",
  CANOPY_REFUSED: "That was not accepted. Check what you entered and try again.",
  TOO_MANY_REQUESTS: "Too many attempts. Wait a minute, then try again.",
  failed: "Something went wrong. Please try again, or get in touch with {agency}.",
};

/** What a text stands for, with its blanks filled in. */
export function filled(texts, name, values = {}) {
  const fill = (text) => {
    const whole = text.replace(/\{(\w+)\}/g, (blank, word) => values[word] ?? texts[word] ?? TEXTS[word] ?? blank);
    return whole.charAt(0).toUpperCase() + whole.slice(1);
  };
  const text = texts[name] ?? TEXTS[name];
  return Array.isArray(text) ? text.map(fill) : fill(text ?? texts.failed ?? TEXTS.failed);
}
