// RFC 9457 problem documents.
const PROBLEMS = {
  SIGNATURE_MISSING: [401, "The webhook is not signed"],
  SIGNATURE_MALFORMED: [401, "The signature cannot be read"],
  SIGNATURE_EXPIRED: [401, "The signature is too old or too new"],
  SIGNATURE_MISMATCH: [401, "The signature is not Canopy's"],
  BODY_MALFORMED: [400, "The body cannot be read"],
  BODY_TOO_LARGE: [413, "The body is too large"],
  NOT_FOUND: [404, "There is nothing here"],
  METHOD_NOT_ALLOWED: [405, "This method is not served here"],
  INTERNAL: [500, "The edge failed"],
} as const;

export type Code = keyof typeof PROBLEMS;

export class Problem extends Error {
  constructor(
    readonly code: Code,
    readonly detail: string,
  ) {
    super(code);
  }

  get status() {
    return PROBLEMS[this.code][0];
  }

  document() {
    const [status, title] = PROBLEMS[this.code];
    const type = `urn:canopy-edge:problem:${this.code.toLowerCase().replaceAll("_", "-")}`;
    return { type, title, status, detail: this.detail, code: this.code, error: this.code };
  }
}
