"""How schemathesis speaks as Canopy, as a page, as a back office and as a client of Canopy's, and what identifiers name something."""

import functools
import hashlib
import hmac
import itertools
import json
import os
import re
import time

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import negated_parameters

BASE = os.environ["BASE_URL"]
CANOPY = os.environ["CANOPY_URL"]
# What the paths of Canopy's operations begin with in the document.
PREFIX = CANOPY.removeprefix(BASE)
IS_EDGE = PREFIX != ""
AUTHORIZATION = os.environ["AUTHORIZATION"]
SECRET = os.environ["SIGNING_SECRET"].encode()
RECEIVER = os.environ["RECEIVER_URL"]
KNOWN = json.loads(os.environ["KNOWN"])
TEAM = f"/teams/{KNOWN['team']}"

# In a path of which nothing is meant to be wrong each of these names something.
NAMES = {
    "pull_id": KNOWN["pull"],
    "document_id": KNOWN["document"],
    "account_identifier": KNOWN["account"],
    "version": "latest",
    "schedule_id": KNOWN.get("schedule"),
    "servicing_action_id": KNOWN["servicing"],
    "teamId": KNOWN["team"],
    "pullId": KNOWN["pull"],
    "documentId": KNOWN["document"],
    "answerId": KNOWN["answer"],
    "fileId": KNOWN["file"],
    "policyFormId": KNOWN["form"],
    "carrierId": KNOWN["carrier"],
    "monitoringId": KNOWN["monitoring"],
    "servicingActionId": KNOWN["servicing"],
    "webhookId": KNOWN["webhook"],
    "widgetId": KNOWN["widget"],
}

# No text that is made up is one of these: what Components and Canopy's terms give, and what exists.
GIVEN = {**KNOWN["login"], "pull_id": KNOWN["pull"], "optionKey": "SMS_0"}

# Who comes to where each call of the consumer's belongs.
LOGINS = {
    "connect": ("user_bad", "NOT_AUTHENTICATED"),
    "idvoptions": ("user_mfa", "IDENTITY_VERIFICATION_OPTIONS"),
    "idv": ("user_optionless_mfa", "IDENTITY_VERIFICATION"),
}

# Tokens by session. Each opening has an address of its own: limits for each address are not what is tried here.
tokens = {}
addresses = (f"198.18.{number // 250 % 250}.{number % 250}" for number in itertools.count())
# Identifiers that came in answers of stateful cases.
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
came = set()


def is_negated(case, name):
    return (name, ParameterLocation.HEADER) in negated_parameters(case.meta)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Cases share what they were made from.
    case.headers, case.path_parameters = case.headers.copy(), dict(case.path_parameters or {})
    path = case.operation.path
    is_canopys = path.startswith(PREFIX)
    phase = case.meta.phase.name.value
    jwt = KNOWN["jwt"]
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        name_things(case.path_parameters, is_stateful=phase == "stateful")
    body_is_meant = not case.meta.is_negative_at(ParameterLocation.BODY) and isinstance(case.body, dict)
    if phase == "fuzzing" and body_is_meant:
        # A search has carriers of its own.
        own = {"insurerName"} if "searchType" in case.body else set()
        case.body = {**case.body, **{name: GIVEN[name] for name in case.body if name in GIVEN and name not in own}}
        if "reconnect_token" in case.body:
            case.body["reconnect_token"] = canopy("GET", f"{TEAM}/monitorings/{KNOWN['reconnecting']}/reconnectToken")["reconnect_token"]
    if (case.method, path) == ("POST", "/api/v1/clock") and body_is_meant:
        # Sessions and what waits are the other cases', too.
        case.body = {"advance": "PT0S"}
    if is_canopys and phase != "stateful" and not case.meta.is_negative_at(ParameterLocation.PATH):
        jwt = make_anew(case, path.removeprefix(PREFIX), body_is_meant and phase == "fuzzing") or jwt
    if "hookUrl" in (case.body if body_is_meant else ()) and phase == "stateful":
        case.body = {**case.body, "hookUrl": RECEIVER}
    if "Origin" in case.operation.headers and not is_negated(case, "Origin"):
        case.headers["Origin"] = BASE
    case.headers.setdefault("cf-connecting-ip", next(addresses))
    if path == "/webhooks/canopy":
        authorize(case, "canopy-signature", sign(case))
    elif path.startswith("/connect/sessions/"):
        token = tokens.get(case.path_parameters["session_id"], "none")
        is_live = path.endswith("/live")
        authorize(case, *("Sec-WebSocket-Protocol", f"canopy-edge, {token}") if is_live else ("Authorization", f"Bearer {token}"))
    elif is_canopys or path.startswith("/api/"):
        authorize(case, "Authorization", AUTHORIZATION)
        if is_canopys and takes_pull_token(case):
            authorize(case, "pull-jwt", jwt)


def takes_pull_token(case):
    """As a parameter, as Canopy's document has it, or as security."""
    raw = case.operation.definition.raw
    return "pull-jwt" in case.operation.headers or any("pullToken" in way for way in raw.get("security", []))


def name_things(path, is_stateful):
    """What one case leaves behind is not the next one's, unless that follows from it."""
    if "session_id" in path and not (is_stateful and path["session_id"] in tokens):
        path["session_id"] = open_session()
    path.update({name: NAMES[name] for name in path if name in NAMES and not (is_stateful and path[name] in came)})
    if "fileId" in path and path["fileId"] == KNOWN["file"]:
        path["pullId"] = KNOWN["upload"]


def make_anew(case, below, body_is_meant):
    """What a case takes away or uses up is made for it: the cases after it find the world as it was. Gives the pull's token."""
    path, jwt = case.path_parameters, None
    match case.method, below:
        case "DELETE", "/teams/{teamId}" if not IS_EDGE:
            path["teamId"] = canopy("POST", "/teams", company_name="Brief")["team"]["team_id"]
        case "DELETE", "/teams/{teamId}/webhooks/{webhookId}":
            path["webhookId"] = canopy("POST", f"{TEAM}/webhooks", hookUrl=RECEIVER)["webhook_id"]
        case "DELETE", "/teams/{teamId}/widgets/{widgetId}":
            path["widgetId"] = canopy("POST", f"{TEAM}/widgets")["widget"]["widget_id"]
        case "DELETE" | "PATCH" | "POST", below if "{monitoringId}" in below:
            path["monitoringId"] = canopy("POST", f"{TEAM}/monitorings", pull_id=KNOWN["plain"], interval="P30D")["monitoring"]["monitoring_id"]
        case "POST", below if below.startswith("/widget/pull/") and takes_pull_token(case):
            made = pull_at(below.rpartition("/")[2])
            jwt = made["pull_jwt"]
            if "pullId" in path:
                path["pullId"] = made["pull_id"]
            if body_is_meant and "servicing_action_ids" in made:
                case.body = {**case.body, "servicing_action_id": made["servicing_action_ids"][0]}
    return jwt


def pull_at(call):
    """A pull where this call of the consumer's is the one to make."""
    if call == "servicingAction":
        actions = canopy("POST", f"{TEAM}/servicings", pull_id=KNOWN["plain"], servicing_actions=[KNOWN["action"]])
        return arrived(actions, "WAITING_FOR_CONSUMER_CONFIRMATION")
    username, status = LOGINS[call]
    return arrived(canopy("POST", "/widget/pull/consentAndConnect", **{**KNOWN["consent"], **credentials(username)}), status)


def arrived(made, status):
    for _ in range(100):
        at = canopy("GET", f"{TEAM}/pulls/{made['pull_id']}")["pull"]["status"]
        if at == status:
            return made
        time.sleep(0.02)
    raise AssertionError(f"{made['pull_id']} is at {at}, not at {status}")


@functools.cache
def credentials(username):
    login = {"username": username, "password": "pass_good"}
    given = requests.post(f"{os.environ['SANDBOX_URL']}/sandbox/tokenize", json=login, timeout=10).json()["tokens"]
    return {"insurerName": KNOWN["carrier"], "insurerUsername": given["username"], "insurerPassword": given["password"]}


def canopy(method, below, **body):
    answer = requests.request(method, CANOPY + below, json=body, headers={"Authorization": AUTHORIZATION}, timeout=10)
    assert answer.status_code == 200, f"{method} {below}: {answer.text}"
    return answer.json()


def authorize(case, name, value):
    if not is_negated(case, name):
        case.headers[name] = value
        case._has_explicit_auth = True


def sign(case):
    request = case.as_transport_kwargs(base_url=BASE)
    body = requests.Request(**{key: request[key] for key in ("method", "url", "headers", "json", "data") if key in request}).prepare().body
    body = body.encode() if isinstance(body, str) else body or b""
    now = str(int(time.time()))
    return f"t={now},s={hmac.new(SECRET, now.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def open_session():
    headers = {"origin": BASE, "cf-connecting-ip": next(addresses)}
    opened = requests.post(f"{BASE}/connect/sessions", headers=headers, timeout=10).json()
    tokens[opened["session_id"]] = opened["token"]
    return opened["session_id"]


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.path == "/connect/sessions" and response.status_code == 201:
        opened = response.json()
        tokens[opened["session_id"]] = opened["token"]
    if case.meta.phase.name.value == "stateful":
        came.update(UUID.findall(response.text))
    elif response.status_code == 200 and (case.method, case.operation.path) == ("POST", f"{PREFIX}/teams/{{teamId}}/webhooks"):
        # Nothing is sent to addresses that are made up. An answer that was kept for its key names a webhook that is gone.
        url = f"{CANOPY}{TEAM}/webhooks/{response.json()['webhook_id']}"
        requests.delete(url, headers={"Authorization": AUTHORIZATION}, timeout=10)
