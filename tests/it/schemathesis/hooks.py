"""Real ids and forms among the generated ones, so that operations are reached; and a tally of the answers.

What is put in depends on what was generated and on nothing else, so that a run is the same for one seed.
"""

import atexit
import collections
import hashlib
import json
import os
import threading
import urllib.request

import schemathesis

BASE, TOKEN, TALLY = (os.environ[name] for name in ("BASE", "TOKEN", "TALLY"))
lock = threading.Lock()
tally = collections.defaultdict(collections.Counter)
made = collections.Counter()
kept = {}


def call(method, path, body=None, media="application/json"):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": TOKEN, "Content-Type": media}
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def fresh(kind):
    """Makes one thing and gives what stands for it in a path."""
    with lock:
        made[kind] += 1
        number = made[kind]
    if kind == "tokens":
        return call("POST", "/api/v2/tokens", {"role": "reader", "serviceToken": True})["_id"]
    if kind == "members":
        email = f"{kind}-{number}@schemathesis.test"
        return call("POST", "/api/v2/members", [{"email": email}])["items"][0]["_id"]
    if kind == "roles":
        return call("POST", "/api/v2/roles", {"key": f"r-{number}", "name": "R", "policy": []})["key"]
    if kind == "teams":
        return call("POST", "/api/v2/teams", {"key": f"t-{number}", "name": "T"})["key"]
    return call("GET", "/api/v2/auditlog?limit=1")["items"][0]["_id"]


def invitation(number):
    """The code of a new one."""
    form = [{"email": f"joins-{number}@schemathesis.test"}]
    member = call("POST", "/api/v2/members", form)["items"][0]["_id"]
    return call("POST", f"/api/v2/members/{member}/invitation", {})["code"]


def some(kind):
    """One that is used again and again."""
    if kind not in kept:
        kept[kind] = fresh(kind)
    return kept[kind]


def lot(value, of):
    """A number below `of` that a value always draws."""
    return hashlib.sha256(repr(value).encode()).digest()[0] % of


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    operation = context.operation
    # A token has no sign-ins whose id could be drawn.
    if not path_parameters or not operation.path.startswith("/api/v2/") or lot(path_parameters, 4) == 0:
        return path_parameters
    kind = operation.path.split("/")[3]
    gone = operation.method.upper() == "DELETE"
    return {name: fresh(kind) if gone else some(kind) for name in path_parameters}


POLICY = [{"effect": "allow", "actions": ["view*"], "resources": ["role/*"]}]


def form(operation, number):
    """A form that makes sense."""
    forms = {
        "postToken": lambda: {"name": "t", "role": "reader"},
        "cloneToken": lambda: {"name": "c"},
        "postMembers": lambda: [{"email": f"form-{number}@schemathesis.test", "role": "writer"}],
        "postCustomRole": lambda: {"key": f"form-{number}", "name": "F", "policy": POLICY},
        "postTeam": lambda: {"key": f"form-{number}", "name": "F"},
        "patchToken": lambda: [{"op": "replace", "path": "/name", "value": f"n{number}"}],
        "patchMember": lambda: [{"op": "replace", "path": "/role", "value": "no_access"}],
        "patchCustomRole": lambda: {"patch": [{"op": "replace", "path": "/policy", "value": POLICY}]},
        "patchTeam": lambda: {"instructions": [{"kind": "updateName", "value": f"n{number}"}]},
        "patchTeams": lambda: {
            "instructions": [
                {"kind": "addMembersToTeams", "memberIDs": [some("members")], "teamKeys": [some("teams")]}
            ]
        },
        "patchMembers": lambda: {
            "instructions": [
                {"kind": "replaceMembersRoles", "value": "reader", "memberIDs": [some("members")]}
            ]
        },
        "postMemberTeams": lambda: {"teamKeys": [some("teams")]},
        "postMemberInvitation": lambda: {},
        "postWhatIf": lambda: {"role": some("roles"), "delete": True},
        "postDecisions": lambda: {
            "tokenId": some("tokens"),
            "action": "viewRole",
            "decisions": [{"resource": "role/a"}, {"resource": "proj/b", "action": "viewProject"}],
        },
        "postAuditLogEntries": lambda: POLICY,
        "postAuditLogEntryCounts": lambda: POLICY,
        "postTeamMembers": lambda: {"file": f"{os.environ['EMAIL']}\n".encode()},
        "postInvitation": lambda: {"code": invitation(number), "password": "password of one who joins"},
        "postSession": lambda: {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]},
    }
    return forms.get(operation.definition.raw.get("operationId"), lambda: None)()


@schemathesis.hook
def map_body(context, body):
    if lot(body, 3) == 0:
        return body
    with lock:
        made["form"] += 1
        number = made["form"]
    sensible = form(context.operation, number)
    return body if sensible is None else sensible


@schemathesis.hook
def map_headers(context, headers):
    headers = dict(headers or {})
    wanted = "beta" if context.operation.definition.raw.get("operationId") == "patchTeams" else "20240415"
    if lot(headers, 8):
        headers["LD-API-Version"] = wanted
    if lot(headers, 3):
        headers.pop("Idempotency-Key", None)
        headers.pop("X-Keyledger-Min-Position", None)
    return headers


# Parameters that must be there, or are wrong in nearly any form, with values that make sense.
SENSIBLE = {"after": 1, "from": "1", "action": "viewProject", "resource": "proj/a", "asOf": "2"}


@schemathesis.hook
def map_query(context, query):
    if query and lot(query, 3):
        # What is optional is left out: one wrong parameter hides all others.
        query = {name: value for name, value in query.items() if name in SENSIBLE}
        if lot(query, 4):
            query = {name: SENSIBLE[name] for name in query}
    return query


@schemathesis.hook
def before_call(context, case, kwargs):
    # A position that is not there yet is waited for, and then it is 503.
    headers = case.headers
    if headers and headers.get("X-Keyledger-Min-Position", "").isdigit():
        headers["X-Keyledger-Min-Position"] = "1"
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("minPosition"), int) and body["minPosition"] > 1:
        body["minPosition"] = 1


@schemathesis.hook
def after_call(context, case, response):
    name = case.operation.definition.raw.get("operationId")
    with lock:
        tally[name][str(response.status_code)] += 1


@atexit.register
def write():
    with open(TALLY, "w") as file:
        json.dump(tally, file)
