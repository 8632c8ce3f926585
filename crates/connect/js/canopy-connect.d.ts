/** Text, or a safe link (`https`, `mailto`, `tel`) when it has an `href`. */
export interface Segment {
  text: string;
  href?: string;
}

export type Recovery = "retry" | "start-over" | "none";
export type Answer = "confirmed" | "rejected" | "unknown";
export type WaitStep =
  | "connecting"
  | "uncertain"
  | "signing-in"
  | "verifying"
  | "reading-policies"
  | "reading-documents"
  | "submitting";

/** `busy`: an answer is under way. `problem`: the code of the edge's refusal of the last answer. */
interface Answerable {
  busy: boolean;
  problem: string | null;
}

/** `prompt` tells one prompt from the next of the same kind. */
interface Prompt extends Answerable {
  prompt: number;
  message: Segment[];
}

/** What to show, as data. */
export type Screen =
  /** `resumes`: Canopy's window was closed before all was done. */
  | ({ name: "start"; resumes: boolean } & Answerable)
  /** `problem` while Canopy's window says nothing. */
  | { name: "hosted"; problem: "SCRIPT_FAILED" | null }
  | ({ name: "consent" } & Answerable)
  | { name: "carriers" }
  /** `allowed`: whether documents are taken in a login's place. */
  | ({ name: "upload"; allowed: boolean } & Answerable)
  | ({ name: "credentials"; carrierId: string; refused: boolean } & Prompt)
  | ({ name: "identity-option"; options: { key: string; label: string }[]; chosen: string | null } & Prompt)
  | ({ name: "identity-code"; refused: boolean; canResend: boolean; canChange: boolean } & Prompt)
  | { name: "waiting"; step: WaitStep; progress: number; mayLeave: boolean }
  | ({ name: "confirmation"; actionId: string } & Answerable)
  /** Also once documents have been sent, `status.uploaded`: what is in them is known later, if at all. */
  | { name: "done"; policyTypes: string[]; confirmations: (Answer | null)[] }
  | { name: "no-policies"; confirmations: (Answer | null)[] }
  | { name: "failed"; code: string; recovery: Recovery };

/** A carrier as Canopy lists it. */
export interface Carrier {
  carrier_id: string;
  name: string;
  color?: string | null;
  usernameFieldPlaceholder?: string | null;
  thirdFieldPlaceholder?: string | null;
  disablePasswordField?: boolean | null;
  resetPasswordUrl?: string | null;
  createAccountUrl?: string | null;
  [more: string]: unknown;
}

/** The session's document as the edge sends it: see the API reference, `GET /connect/sessions/{id}`. */
export interface Status {
  session_id: string;
  revision: number;
  phase: "open" | "connecting" | "connected" | "followed" | "unknown";
  answer_lost: boolean;
  pull_id: string | null;
  status: string | null;
  policies_available: boolean;
  complete: boolean;
  /** Documents were sent in a login's place. */
  uploaded?: boolean;
  /** `null` until it is known. */
  no_policies: boolean | null;
  error: string | null;
  servicing: { servicing_action_id: string; answer: Answer | null }[];
  /** Your back office's own events for the page, the last of each type. */
  events?: Record<string, { effective_at: string; data: Record<string, unknown> }>;
  [more: string]: unknown;
}

export interface ServicingAction {
  servicing_action_id: string;
  type: string | null;
  status: string;
  confirmation_data: Record<string, unknown> | null;
}

export interface SessionOptions {
  /** `hosted` unless given. */
  mode?: "hosted" | "components";
  /** The address of the edge; the script's own unless given. */
  edge?: string;
  /** Goes to Canopy with the pull. Nothing sensitive. */
  metadata?: Record<string, unknown>;
  /** Brings a monitored account back in place of a new login. */
  reconnectToken?: string;
  /** The token of an invitation's link: it has metadata and a mode of its own; `metadata` and `mode` are left out. */
  invitation?: string;
  /**
   * With `sessionToken`: a session that the back office has opened, in place of one that the page opens. It is `components` and has its
   * own metadata, whatever is said here, and is kept nowhere in the tab.
   */
  sessionId?: string;
  sessionToken?: string;
  /** To whom the consumer consents: what they agreed to under another name does not count. */
  agency?: string;
  /** Where in `sessionStorage` the session's id and token are kept, together with what the session is for; `null` for nowhere. */
  storageKey?: string | null;
}

export interface HostedOptions {
  modal?: boolean;
  mount?: string | Element;
  hideCloseButton?: boolean;
  consentToken?: string;
  reconnectToken?: string;
}

export interface UploadOptions {
  /** The insurance company's name, as the visitor gives it; at most 100 characters. */
  company?: string;
  /** How much has been sent, from 0 to 1. */
  onProgress?: (share: number) => void;
  /** Ends the sending; what was sent in part is nothing. The promise is rejected with `UPLOAD_CANCELLED`. */
  signal?: AbortSignal;
}

/** Where Canopy's frames for the credentials go. */
export interface FormTargets {
  username: string | Element;
  password?: string | Element;
  thirdField?: string | Element;
}

/** Passed to Canopy's form. */
export interface FormOptions {
  fonts?: unknown[];
  styles?: Record<string, unknown>;
  usernameStyles?: Record<string, unknown>;
  passwordStyles?: Record<string, unknown>;
  thirdfieldStyles?: Record<string, unknown>;
}

/** Why a promise was rejected. */
export interface ConnectError extends Error {
  /** Stable, upper-case. */
  code: string;
  /** HTTP status of the edge's answer; 0 without one. */
  status: number;
  /** With `FIELDS_INVALID`: Canopy's messages by field. */
  fields?: Record<string, unknown>;
}

export interface SessionEvents {
  screen: undefined;
  authenticated: string | null;
  "policies-available": string | null;
  complete: string | null;
  /** Canopy's messages by field, also where the enter key in a frame submitted the form. */
  /** No carrier of the list was the visitor's: what they searched for. */
  notListed: string;
  fieldErrors: Record<string, unknown>;
  authenticationSuccess: { pull?: { pull_id: string } };
  sectionViewed: unknown;
  userAction: unknown;
  selectCustomInsuranceProvider: unknown;
  exit: unknown;
  error: unknown;
  destroy: unknown;
}

export class Session {
  private constructor();
  readonly screen: Screen;
  readonly status: Status | null;
  /** After a reload it may be known by its id and name alone. */
  readonly carrier: Carrier | undefined;
  /** Whether a session has been opened at the edge, or is being. */
  readonly isOpen: boolean;
  /** Whether the status comes as it changes; while it does not, the page asks for it now and then. */
  readonly isLive: boolean;
  /** Whether the edge can neither be heard nor asked. */
  readonly isCutOff: boolean;
  /** Whether `startOver()` leads on: not from a session of the back office. */
  readonly canStartOver: boolean;
  /** Calls `listener` with the screen, now and at each change. Gives a function that ends it. */
  subscribe(listener: (screen: Screen) => void): () => void;
  on<Name extends keyof SessionEvents>(name: Name, listener: (detail: SessionEvents[Name]) => void): () => void;

  terms(): Promise<{ terms_version: number; terms_html: string }>;
  agree(sentence: string): Promise<void>;
  /** The carriers as Canopy lists them. From then on they can be searched. */
  /** Unless `isListEnough` they can be searched from then on. */
  carriers(isListEnough?: boolean): Promise<Carrier[]>;
  /** Those that what people type finds, the best first: names, their words, misspelt, web addresses. An empty text finds all, in their order. */
  searchCarriers(text: string, most?: number): Carrier[];
  chooseCarrier(carrierId: string): void;
  changeCarrier(): void;
  /** No carrier of the list is the visitor's: the screen `upload` follows. Where there is a pull, `startOver()` goes before. */
  notListed(query: string): void;
  /** Sends 1 to 20 files (PDF, JPEG, PNG, HEIC, WebP) of at most 10 MB, 25 MB together, in a login's place. */
  uploadDocuments(files: readonly File[], options?: UploadOptions): Promise<void>;
  mountForm(targets: FormTargets, options?: FormOptions): Promise<boolean>;
  submitForm(): Promise<void>;
  unmountForm(): void;
  signIn(tokens: { username: string; password?: string; thirdfield?: string }): Promise<void>;
  chooseOption(key: string): Promise<void>;
  resendCode(): Promise<void>;
  changeOption(): void;
  enterCode(code: string): Promise<void>;
  reconnect(): Promise<void>;
  servicingAction(actionId: string): Promise<ServicingAction>;
  confirm(actionId: string, isConfirmed: boolean): Promise<void>;

  consent(sentence: string): Promise<string>;
  openHosted(options?: HostedOptions): Promise<void>;
  closeHosted(): void;

  retry(): Promise<void>;
  /** Leaves this session for good; the next step opens another one, where `canStartOver`. */
  startOver(): void;
  /** Ends all of it; nothing is left in the page. */
  close(): void;
}

/** Makes a session, or picks up the one that is given, or that this tab remembers for the same purpose. */
export function openSession(options?: SessionOptions): Promise<Session>;

/** A screen that was left, with nothing of the visitor's. */
export interface Stage {
  stage: Screen["name"];
  outcome: "next" | "back" | "refused" | "failed" | "left" | "done";
  /** Milliseconds. */
  duration: number;
  company: string | null;
  /** Letters of the search. */
  queryLength: number | null;
}

export interface CanopyConnectEvents {
  "canopy-status": CustomEvent<{ screen: Screen; status: Status | null }>;
  "canopy-authenticated": CustomEvent<{ pullId: string | null }>;
  "canopy-policies-available": CustomEvent<{ pullId: string | null }>;
  "canopy-complete": CustomEvent<{ pullId: string | null }>;
  "canopy-not-listed": CustomEvent<{ query: string }>;
  "canopy-error": CustomEvent<{ code: string; message: string }>;
  "canopy-exit": CustomEvent<{ pullId: string | null }>;
  "canopy-event": CustomEvent<Stage>;
}

/**
 * Names of the texts that `texts` may replace. `{agency}`, `{carrier}`, `{count}`, `{label}`, `{file}`, `{percent}` are filled in, and
 * `{again}` and `{later}` by what helps: the texts of these names, or `newLink` where the page cannot begin anew.
 */
export type TextName =
  /** Words for Canopy's own names, as `policyType.AUTO`. */
  | `${"policyType" | "action" | "field" | "value"}.${string}`
  | "agency"
  | "carrier"
  | "start"
  | "startNote"
  | "opening"
  | "resume"
  | "resumeNote"
  | "reconnect"
  | "reconnectNote"
  | "hosted"
  | "stop"
  | "consentHeading"
  | "consentPoints"
  | "consentSentence"
  | "agree"
  | "terms"
  | "termsTitle"
  | "carriersHeading"
  | "carriersSearch"
  | "carriersFound"
  | "carriersOne"
  | "carriersNone"
  | "carriersMore"
  | "notListed"
  | "notListedHeading"
  | "notListedText"
  | "uploadHeading"
  | "uploadNote"
  | "uploadCompany"
  | "uploadChoose"
  | "uploadDrop"
  | "uploadLimits"
  | "uploadList"
  | "uploadRemove"
  | "uploadRemoved"
  | "uploadNone"
  | "uploadTooMany"
  | "uploadTooLarge"
  | "uploadTooLargeTogether"
  | "uploadWrongType"
  | "uploadEmpty"
  | "uploadSend"
  | "uploadSending"
  | "uploadProgress"
  | "uploadSent"
  | "uploadCancel"
  | "loading"
  | "credentialsHeading"
  | "credentialsNote"
  | "credentialsRefused"
  | "missing"
  | "username"
  | "password"
  | "signIn"
  | "changeCarrier"
  | "forgot"
  | "createAccount"
  | "optionHeading"
  | "optionNote"
  | "sendCode"
  | "codeHeading"
  | "codeNote"
  | "codeMissing"
  | "codeRefused"
  | "code"
  | "continue"
  | "resend"
  | "resent"
  | "changeOption"
  | "stuck"
  | "waitingHeading"
  | "connecting"
  | "uncertain"
  | "sending-documents"
  | "uncertain-documents"
  | "signing-in"
  | "verifying"
  | "reading-policies"
  | "reading-documents"
  | "submitting"
  | "mayLeave"
  | "startOver"
  | "again"
  | "later"
  | "newLink"
  | "offline"
  | "online"
  | "confirmationHeading"
  | "confirmationNote"
  | "before"
  | "after"
  | "nothing"
  | "confirm"
  | "reject"
  | "doneHeading"
  | "done"
  | "doneUploaded"
  | "donePolicies"
  | "policies"
  | "yes"
  | "no"
  | "another"
  | "noPoliciesHeading"
  | "noPolicies"
  | "doneConfirmed"
  | "doneRejected"
  | "doneUnknown"
  | "failedHeading"
  | "retry"
  | "EDGE_UNREACHABLE"
  | "SCRIPT_FAILED"
  | "ORIGIN_NOT_ALLOWED"
  | "NOT_CONFIGURED"
  | "PAGE_INVALID"
  | "CRASHED"
  | "SESSION_EXPIRED"
  | "SESSION_OVER"
  | "PROVIDER_ERROR"
  | "INTERNAL_ERROR"
  | "VALIDATION_ERROR"
  | "ANSWER_LOST"
  | "RECONNECT_REFUSED"
  | "CANOPY_REFUSED"
  | "FILE_TOO_LARGE"
  | "BODY_TOO_LARGE"
  | "FILE_TYPE_UNSUPPORTED"
  | "UPLOADS_OFF"
  | "DOCUMENT_UPLOAD_DISABLED"
  | "TOO_MANY_REQUESTS"
  | "failed";

/** Forms by the categories of `Intl.PluralRules`, where a number is in it. */
export type Text = string | string[] | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);

export class CanopyConnectElement extends HTMLElement {
  readonly session: Session | undefined;
  metadata: Record<string, unknown>;
  texts: Partial<Record<TextName, Text>>;
  formOptions?: FormOptions;
}

/** What may stand in the element's tag. */
export interface CanopyConnectAttributes {
  mode?: "hosted" | "components";
  edge?: string;
  agency?: string;
  label?: string;
  /** The language that it speaks. */
  lang?: string;
  /** The name under which the edge counts how far visitors come. */
  funnel?: string;
  inline?: boolean | "";
  consent?: boolean | "";
  "reconnect-token"?: string;
  /** The token of an invitation's link, which says what the session is for, and its mode: `mode` is left out. */
  invitation?: string;
  /** With `session-token`: a session that the back office has opened. */
  "session-id"?: string;
  "session-token"?: string;
  "session-key"?: string;
  [metadata: `metadata-${string}`]: string | number | boolean | undefined;
}

/** What a framework sets beside the attributes. */
export interface CanopyConnectProperties {
  metadata?: Record<string, unknown>;
  texts?: CanopyConnectElement["texts"];
  formOptions?: FormOptions;
}

declare global {
  interface HTMLElementTagNameMap {
    "canopy-connect": CanopyConnectElement;
  }
  interface HTMLElementEventMap extends CanopyConnectEvents {}
  interface DocumentEventMap extends CanopyConnectEvents {}
  interface WindowEventMap extends CanopyConnectEvents {}
  // Where JSX is global: React up to 18, Preact.
  namespace JSX {
    interface IntrinsicElements {
      "canopy-connect": CanopyConnectAttributes &
        CanopyConnectProperties & { key?: string | number | null; ref?: unknown; id?: string; slot?: string; className?: string; hidden?: boolean; children?: unknown };
    }
  }
}

// @ts-ignore: React need not be there.
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore: nor these.
      "canopy-connect": DetailedHTMLProps<HTMLAttributes<CanopyConnectElement>, CanopyConnectElement> & CanopyConnectAttributes & CanopyConnectProperties;
    }
  }
}
