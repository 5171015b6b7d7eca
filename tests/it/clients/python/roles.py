from common import Client, refused, result
from launchdarkly_api.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from launchdarkly_api.models.custom_role_post import CustomRolePost
from launchdarkly_api.models.patch_operation import PatchOperation
from launchdarkly_api.models.patch_with_comment import PatchWithComment
from launchdarkly_api.models.statement_post import StatementPost

api = Client().roles
policy = [
    # The vendor's own example, its stray slash included.
    StatementPost(effect="allow", resources=["proj/*:env/*;qa_*:/flag/*"], actions=["*"]),
    StatementPost(effect="deny", not_resources=["proj/a"], not_actions=["view*"]),
]
form = CustomRolePost(
    name="Ops team", key="ops", description="d", policy=policy, base_permissions="reader"
)
made = api.post_custom_role(form)
assert (made.key, made.name, made.description, made.base_permissions) == ("ops", "Ops team", "d", "reader")
assert made.policy[0].resources == ["proj/*:env/*;qa_*:/flag/*"]
assert made.policy[1].not_actions == ["view*"] and made.policy[1].actions is None

assert api.get_custom_role("ops").id == made.id
assert api.get_custom_role(made.id).key == "ops"
assert api.get_custom_roles(limit=5).total_count == 1
refused(ConflictException, api.post_custom_role, form)
bad = CustomRolePost(
    name="n", key="bad", policy=[StatementPost(effect="allow", resources=["proj/*:"], actions=["*"])]
)
body = refused(BadRequestException, api.post_custom_role, bad)
assert body["message"].startswith("/policy/0/resources/0: "), body

changed = api.patch_custom_role(
    "ops",
    PatchWithComment(
        comment="why",
        patch=[
            PatchOperation(op="replace", path="/name", value="Operations"),
            PatchOperation(
                op="add",
                path="/policy/0",
                value={"effect": "deny", "actions": ["*"], "resources": ["acct"]},
            ),
        ],
    ),
)
assert changed.name == "Operations" and len(changed.policy) == 3
assert changed.policy[0].effect == "deny"

other = api.post_custom_role(CustomRolePost(name="Other", key="other", policy=[]))
api.delete_custom_role("other")
refused(NotFoundException, api.get_custom_role, other.id)
result(left=[r.key for r in api.get_custom_roles().items])
