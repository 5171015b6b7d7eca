from common import Client, patch, refused, result
from launchdarkly_api.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from launchdarkly_api.models.custom_role_post import CustomRolePost
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
assert [one.to_dict() for one in made.policy] == [one.to_dict() for one in policy]

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
        patch=patch(
            ("replace", "/name", "Operations"),
            ("add", "/policy/0", {"effect": "deny", "actions": ["*"], "resources": ["acct"]}),
        ),
    ),
)
assert changed.name == "Operations" and len(changed.policy) == 3
assert changed.policy[0].effect == "deny" and changed.policy[0].resources == ["acct"]
again = api.get_custom_role("ops")
assert [one.to_dict() for one in again.policy[1:]] == [one.to_dict() for one in policy]
refused(
    NotFoundException,
    api.patch_custom_role,
    "unknown",
    PatchWithComment(patch=patch(("replace", "/name", "x"))),
)

other = api.post_custom_role(CustomRolePost(name="Other", key="other", policy=[]))
api.delete_custom_role("other")
refused(NotFoundException, api.get_custom_role, other.id)
refused(NotFoundException, api.delete_custom_role, "other")
result(left=[r.key for r in api.get_custom_roles().items])
