"""A token's life, and that of a team, through a client that was generated from openapi.yaml."""

import io
import json
import os
from typing import TypeVar

from keyledger_client import AuthenticatedClient
from keyledger_client.api.access_tokens import clone_token, delete_token, get_token, get_tokens, patch_token, post_token, reset_token
from keyledger_client.api.account_members import delete_member, get_members, patch_member, post_members
from keyledger_client.api.audit_log import get_audit_log_entries, post_audit_log_entry_counts
from keyledger_client.api.custom_roles import delete_custom_role, get_custom_role, patch_custom_role, post_custom_role
from keyledger_client.api.other import get_caller_identity
from keyledger_client.api.teams import get_teams, patch_team, post_team, post_team_members
from keyledger_client.models import (
    AccessTokenPost,
    AccessTokenPostRoleBinding,
    CustomRolePost,
    Effect,
    ErrorRep,
    MemberImportItemStatus,
    MemberRole,
    NewMemberForm,
    NewMemberFormRole,
    PatchOperation,
    PatchOperationOp,
    PatchWithComment,
    PostTeamMembersBody,
    SemanticPatch,
    Statement,
    TeamPost,
    TokenClonePost,
)
from keyledger_client.types import File

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
made = good(post_token.sync(client=owner, body=AccessTokenPost(name="ci", custom_role_ids=["viewer"], service_token=True, role_binding=AccessTokenPostRoleBinding.LIVE)))
assert made.service_token and made.custom_role_ids == [role.field_id]

ci = client(made.token)
identity = good(get_caller_identity.sync(client=ci))
assert identity.token_id == made.field_id
assert good(get_custom_role.sync("viewer", client=ci)).key == "viewer"
refused = post_custom_role.sync(client=ci, body=CustomRolePost(key="x", name="X", policy=[]))
assert isinstance(refused, ErrorRep) and refused.code == "forbidden"
assert "createRole on role/x" in refused.message

rename = PatchOperation(op=PatchOperationOp.REPLACE, path="/name", value="builder")
assert good(patch_token.sync(made.field_id, client=owner, body=[rename])).name == "builder"
reset = good(reset_token.sync(made.field_id, client=owner))
assert reset.token != made.token and reset.field_id == made.field_id
dead = get_caller_identity.sync_detailed(client=ci)
assert dead.status_code == 401 and isinstance(dead.parsed, ErrorRep)
used = good(get_token.sync(made.field_id, client=owner)).last_used
assert isinstance(used, int) and used > 0

members = good(post_members.sync(client=owner, body=[NewMemberForm(email="ada@acme.example", role=NewMemberFormRole.READER)]))
team = good(post_team.sync(client=owner, body=TeamPost(key="web", name="Web", member_i_ds=[members.items[0].field_id])))
assert good(get_teams.sync(client=owner, expand="members")).items[0].key == team.key
assert good(get_members.sync(client=owner, filter_="team:web")).total_count == 1
entries = good(get_audit_log_entries.sync(client=owner, limit=1)).items
assert entries[0].title_verb == "created the team"

# What has a form of its own: a patch of instructions, a patch with a comment, an upload, a clone.
instructions = SemanticPatch(instructions=[{"kind": "updateName", "value": "Web and mobile"}], comment="both")
assert good(patch_team.sync("web", client=owner, body=instructions)).name == "Web and mobile"
unknown = patch_team.sync("web", client=owner, body=SemanticPatch(instructions=[{"kind": "fly"}]))
assert isinstance(unknown, ErrorRep) and unknown.message.startswith("/instructions/0")
describe = PatchOperation(op=PatchOperationOp.ADD, path="/description", value="Looks at roles")
described = good(patch_custom_role.sync("viewer", client=owner, body=PatchWithComment(patch=[describe], comment="why")))
assert described.description == "Looks at roles"
for emails, status in ((b"ada@acme.example\n", 201), (b"nobody@acme.example\n", 207)):
    upload = PostTeamMembersBody(file=File(payload=io.BytesIO(emails), file_name="members.csv"))
    added = post_team_members.sync_detailed("web", client=owner, body=upload)
    assert added.status_code == status
    line = good(added.parsed).items[0]
    assert (line.status is MemberImportItemStatus.SUCCESS) == (status == 201)
clone = good(clone_token.sync(made.field_id, client=owner, body=TokenClonePost(name="second")))
assert clone.custom_role_ids == made.custom_role_ids and clone.token != made.token
delete_token.sync_detailed(clone.field_id, client=owner)

ada = members.items[0].field_id
promote = PatchOperation(op=PatchOperationOp.REPLACE, path="/role", value="writer")
assert good(patch_member.sync(ada, client=owner, body=[promote])).role is MemberRole.WRITER
counts = good(post_audit_log_entry_counts.sync(client=owner, body=[], after=0))
assert counts.total_count > 10 and sum(bucket.count for bucket in counts.buckets) == counts.total_count
assert delete_member.sync_detailed(ada, client=owner).status_code == 204
assert delete_custom_role.sync_detailed("viewer", client=owner).status_code == 204
late = get_custom_role.sync_detailed("viewer", client=owner)
assert late.status_code == 404 and late.headers["X-Request-Id"]

gone = delete_token.sync_detailed(made.field_id, client=owner)
assert gone.status_code == 204 and gone.headers["X-Keyledger-Position"]
missing = get_token.sync(made.field_id, client=owner)
assert isinstance(missing, ErrorRep) and missing.code == "not_found"
print(json.dumps({"left": good(get_tokens.sync(client=owner, show_all=True)).total_count}))
