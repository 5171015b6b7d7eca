"""The client, pointed at the server under test."""

import json
import os
import urllib.request

import launchdarkly_api
from launchdarkly_api.api.access_tokens_api import AccessTokensApi
from launchdarkly_api.api.account_members_api import AccountMembersApi
from launchdarkly_api.api.custom_roles_api import CustomRolesApi
from launchdarkly_api.api.other_api import OtherApi
from launchdarkly_api.models.patch_operation import PatchOperation

BASE = os.environ["BASE"]

# The exceptions that were raised, in order.
refusals = []


class Client:
    """Every API of the client that these tests use, with one credential."""

    def __init__(self, token=os.environ["TOKEN"], headers=None):
        keys = {"ApiKey": token} if token else {}
        configuration = launchdarkly_api.Configuration(host=BASE, api_key=keys)
        self.client = launchdarkly_api.ApiClient(configuration)
        for name, value in (headers or {}).items():
            self.client.set_default_header(name, value)
        self.token = token
        self.tokens = AccessTokensApi(self.client)
        self.members = AccountMembersApi(self.client)
        self.roles = CustomRolesApi(self.client)
        self.other = OtherApi(self.client)

    def effective(self, token_id):
        """What a token comes down to now: Keyledger's extension, which the client's model does not have."""
        url = f"{BASE}/api/v2/tokens/{token_id}?expand=effectivePermission"
        answer = self.client.call_api("GET", url, header_params={"Authorization": self.token})
        answer.read()
        assert answer.status == 200, answer.data
        return json.loads(answer.data)["_effectivePermission"]


def sign_in(email, password):
    """The client with the cookie of a member who signed in."""
    form = json.dumps({"email": email, "password": password}).encode()
    request = urllib.request.Request(
        f"{BASE}/session", form, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 204
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    return Client(token=None, headers={"Cookie": cookie, "Origin": BASE})


def patch(*operations):
    """A JSON Patch of (op, path, value)."""
    return [PatchOperation(op=op, path=path, value=value) for op, path, value in operations]


def refused(exception, call, *args, **kwargs):
    """Requires that a call raises just this exception, and gives its body."""
    try:
        call(*args, **kwargs)
    except launchdarkly_api.ApiException as error:
        assert type(error) is exception, f"{type(error)}: {error}"
        body = json.loads(error.body)
        assert isinstance(body["code"], str) and body["message"], body
        refusals.append(exception.__name__)
        return body
    raise AssertionError(f"no {exception.__name__}")


def result(**values):
    """The last line, which the test reads."""
    print(json.dumps(values | {"refusals": refusals}))
