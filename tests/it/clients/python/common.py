"""The client, pointed at the server under test."""

import json
import os

import launchdarkly_api
from launchdarkly_api.api.access_tokens_api import AccessTokensApi
from launchdarkly_api.api.account_members_api import AccountMembersApi
from launchdarkly_api.api.custom_roles_api import CustomRolesApi
from launchdarkly_api.api.other_api import OtherApi


class Client:
    """Every API of the client that these tests use, with one credential."""

    def __init__(self, token=os.environ["TOKEN"]):
        configuration = launchdarkly_api.Configuration(
            host=os.environ["BASE"], api_key={"ApiKey": token}
        )
        client = launchdarkly_api.ApiClient(configuration)
        self.tokens = AccessTokensApi(client)
        self.members = AccountMembersApi(client)
        self.roles = CustomRolesApi(client)
        self.other = OtherApi(client)


def refused(exception, call, *args, **kwargs):
    """Requires that a call raises just this exception, and gives its body."""
    try:
        call(*args, **kwargs)
    except launchdarkly_api.ApiException as error:
        assert type(error) is exception, f"{type(error)}: {error}"
        return json.loads(error.body)
    raise AssertionError(f"no {exception.__name__}")


def result(**values):
    """The last line, which the test reads."""
    print(json.dumps(values))
