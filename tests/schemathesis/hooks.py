"""How schemathesis speaks as Canopy, as a page and as a back office, and what identifiers name something."""

import hashlib
import hmac
import itertools
import json
import os
import time

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import negated_parameters

EDGE = os.environ["EDGE_URL"]
SECRET = os.environ["SIGNING_SECRET"].encode()

# In a path of which nothing is meant to be wrong each of these names something.
NAMES = {
    "pull_id": os.environ["PULL_ID"],
    "document_id": os.environ["DOCUMENT_ID"],
    "version": "latest",
    "servicing_action_id": os.environ["SERVICING_ACTION_ID"],
    "teamId": "-",
    "pullId": os.environ["PULL_ID"],
    "documentId": os.environ["DOCUMENT_ID"],
    "monitoringId": os.environ["MONITORING_ID"],
    "servicingActionId": os.environ["SERVICING_ACTION_ID"],
}

# What Components and Canopy's terms give: no text that is made up is one of these.
LOGIN = json.loads(os.environ["LOGIN"])

# Tokens by session. Each opening has an address of its own: limits for each address are not what is tried here.
tokens = {}
addresses = (f"198.18.{number // 250 % 250}.{number % 250}" for number in itertools.count())


def is_negated(case, name):
    return (name, ParameterLocation.HEADER) in negated_parameters(case.meta)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Cases share what they were made from.
    case.headers, case.path_parameters = case.headers.copy(), dict(case.path_parameters or {})
    path = case.operation.path
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        name_things(case.path_parameters, is_stateful=case.meta.phase.name.value == "stateful")
    if case.meta.phase.name.value == "fuzzing" and not case.meta.is_negative_at(ParameterLocation.BODY) and isinstance(case.body, dict):
        case.body = {**case.body, **{name: LOGIN[name] for name in case.body if name in LOGIN}}
    if "Origin" in case.operation.headers and not is_negated(case, "Origin"):
        case.headers["Origin"] = EDGE
    case.headers.setdefault("cf-connecting-ip", next(addresses))
    if path == "/webhooks/canopy":
        authorize(case, "canopy-signature", sign(case))
    elif path.startswith("/connect/sessions/"):
        token = tokens.get(case.path_parameters["session_id"], "none")
        is_live = path.endswith("/live")
        authorize(case, *("Sec-WebSocket-Protocol", f"canopy-edge, {token}") if is_live else ("Authorization", f"Bearer {token}"))
    elif not path.startswith("/connect/") and path != "/healthz":
        authorize(case, "Authorization", f"Bearer {os.environ['API_TOKEN']}")
        if path.startswith("/canopy/api/v1.0.0/widget/pull/"):
            authorize(case, "pull-jwt", os.environ["PULL_TOKEN"])


def name_things(path, is_stateful):
    """What one case leaves behind is not the next one's, unless that follows from it."""
    if "session_id" in path and not (is_stateful and path["session_id"] in tokens):
        path["session_id"] = open_session()
    if not is_stateful:
        path.update({name: NAMES[name] for name in path if name in NAMES})


def authorize(case, name, value):
    if not is_negated(case, name):
        case.headers[name] = value
        case._has_explicit_auth = True


def sign(case):
    request = case.as_transport_kwargs(base_url=EDGE)
    body = requests.Request(**{key: request[key] for key in ("method", "url", "headers", "json", "data") if key in request}).prepare().body
    body = body.encode() if isinstance(body, str) else body or b""
    now = str(int(time.time()))
    return f"t={now},s={hmac.new(SECRET, now.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def open_session():
    headers = {"origin": EDGE, "cf-connecting-ip": next(addresses)}
    opened = requests.post(f"{EDGE}/connect/sessions", headers=headers, timeout=10).json()
    tokens[opened["session_id"]] = opened["token"]
    return opened["session_id"]


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.path == "/connect/sessions" and response.status_code == 201:
        opened = response.json()
        tokens[opened["session_id"]] = opened["token"]
