// Why a run or a step failed, in words, and what a person does about it.

const DEFINITION = "This run keeps the version and the configuration that it began with: mend these for the runs to come, and cancel this one.";
const SERVICE = "Below stands what the service answered. Mend what it complains of, then try again.";

/** What each reason of the edge's says, and what to do. */
const REASONS = {
  EXPRESSION: ["an expression could not be worked out", DEFINITION],
  INPUT: ["a step was given what it cannot take", DEFINITION],
  DESTINATION: ["the request may not be made", DEFINITION],
  BOUNDS: ["it became too large", DEFINITION],
  REFUSED: ["the service refused", SERVICE],
  ANSWER: ["the service answered something else than it should", SERVICE],
  UNAVAILABLE: ["the service did not answer, however often it was asked", "Once the service is back, try again."],
  OUTCOME_UNKNOWN: ["nobody knows whether the call was made", "Look at the service. If it was made there, cancel the run; if not, try again."],
  SECRET: ["a secret is missing, or is another host’s", "Put it into EDGE_SECRETS, then try again."],
  TIMED_OUT: ["what was waited for did not come in time", "Try again to wait once more."],
  NOT_APPROVED: ["somebody said no", "Try again to ask once more."],
  STOPPED: ["a step ended it", undefined],
  STORAGE: ["the edge could not keep it", "Try again. If it fails once more, look into the edge’s log."],
};

export const reasonName = (reason) => REASONS[reason]?.[0] ?? reason;
export const adviceOn = (reason) => REASONS[reason]?.[1] ?? "Mend what went wrong, then try again.";
