"""A token's life through a client that was generated from openapi.yaml."""

import json
import os
from typing import TypeVar

from keyledger_client import AuthenticatedClient
from keyledger_client.api.access_tokens import delete_token, get_token, get_tokens, patch_token, post_token, reset_token
from keyledger_client.api.account_members import get_members, post_members
from keyledger_client.api.audit_log import get_audit_log_entries
from keyledger_client.api.custom_roles import get_custom_role, post_custom_role
from keyledger_client.api.other import get_caller_identity
from keyledger_client.api.teams import get_teams, post_team
from keyledger_client.models import (
    AccessTokenPost,
    CustomRolePost,
    Effect,
    ErrorRep,
    NewMemberForm,
    PatchOperation,
    Statement,
    TeamPost,
)

T = TypeVar("T")


def client(secret: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=os.environ["BASE"], token=secret, prefix="")


def good(answer: T | ErrorRep | None) -> T:
    assert answer is not None and not isinstance(answer, ErrorRep), answer
    return answer


owner = client(os.environ["TOKEN"])
policy = [Statement(effect=Effect.ALLOW, resources=["role/*"], actions=["view*"])]
role = good(post_custom_role.sync(client=owner, body=CustomRolePost(key="viewer", name="Viewer", policy=policy)))
assert role.policy[0].effect is Effect.ALLOW and role.assigned_to.members_count == 0
made = good(post_token.sync(client=owner, body=AccessTokenPost(name="ci", custom_role_ids=["viewer"], service_token=True)))
assert made.service_token and made.custom_role_ids == [role.field_id]

ci = client(made.token)
identity = good(get_caller_identity.sync(client=ci))
assert identity.token_id == made.field_id
assert good(get_custom_role.sync("viewer", client=ci)).key == "viewer"
refused = post_custom_role.sync(client=ci, body=CustomRolePost(key="x", name="X", policy=[]))
assert isinstance(refused, ErrorRep) and refused.code == "forbidden"
assert "createRole on role/x" in refused.message

rename = PatchOperation(op="replace", path="/name", value="builder")
assert good(patch_token.sync(made.field_id, client=owner, body=[rename])).name == "builder"
reset = good(reset_token.sync(made.field_id, client=owner))
assert reset.token != made.token and reset.field_id == made.field_id
dead = get_caller_identity.sync_detailed(client=ci)
assert dead.status_code == 401 and isinstance(dead.parsed, ErrorRep)
assert good(get_token.sync(made.field_id, client=owner)).last_used > 0

members = good(post_members.sync(client=owner, body=[NewMemberForm(email="ada@acme.example", role="reader")]))
team = good(post_team.sync(client=owner, body=TeamPost(key="web", name="Web", member_i_ds=[members.items[0].field_id])))
assert good(get_teams.sync(client=owner, expand="members")).items[0].key == team.key
assert good(get_members.sync(client=owner, filter_="team:web")).total_count == 1
entries = good(get_audit_log_entries.sync(client=owner, limit=1)).items
assert entries[0].title_verb == "created the team"

gone = delete_token.sync_detailed(made.field_id, client=owner)
assert gone.status_code == 204 and gone.headers["X-Keyledger-Position"]
missing = get_token.sync(made.field_id, client=owner)
assert isinstance(missing, ErrorRep) and missing.code == "not_found"
print(json.dumps({"left": good(get_tokens.sync(client=owner, show_all=True)).total_count}))
