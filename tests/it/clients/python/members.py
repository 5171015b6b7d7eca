from common import Client, refused, result
from launchdarkly_api.exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
)
from launchdarkly_api.models.custom_role_post import CustomRolePost
from launchdarkly_api.models.new_member_form import NewMemberForm
from launchdarkly_api.models.patch_operation import PatchOperation
from launchdarkly_api.models.statement_post import StatementPost

client = Client()
api = client.members
role = client.roles.post_custom_role(
    CustomRolePost(
        name="Ops",
        key="ops",
        policy=[StatementPost(effect="allow", resources=["proj/*"], actions=["*"])],
    )
)

invited = api.post_members(
    [
        NewMemberForm(
            email="ariel@acme.example",
            password="correct horse battery",
            first_name="Ariel",
            last_name="Flores",
            role="writer",
        ),
        NewMemberForm(
            email="sandy@acme.example",
            custom_roles=["ops"],
            role_attributes={"projects": ["a", "b"]},
        ),
    ]
)
ariel, sandy = invited.items
assert (ariel.first_name, ariel.last_name, ariel.role) == ("Ariel", "Flores", "writer")
assert ariel.custom_roles == [] and ariel.pending_invite is False and ariel.last_seen == 0
assert isinstance(ariel.mfa, str) and isinstance(ariel.creation_date, int)
assert sandy.custom_roles == [role.id] and sandy.pending_invite is True
assert sandy.role_attributes == {"projects": ["a", "b"]}

me = api.get_member("me")
assert me.role == "owner"
page = api.get_members(limit=1, offset=1)
assert [m.id for m in page.items] == [ariel.id] and page.total_count == 3
assert api.get_member(sandy.id).email == "sandy@acme.example"


def patch(*operations):
    return [PatchOperation(op=op, path=path, value=value) for op, path, value in operations]


# Terraform always sends both, the role possibly empty.
changed = api.patch_member(
    ariel.id, patch(("replace", "/role", "reader"), ("replace", "/customRoles", ["ops"]))
)
assert (changed.role, changed.custom_roles) == ("reader", [role.id])
changed = api.patch_member(
    ariel.id, patch(("replace", "/role", ""), ("replace", "/customRoles", []))
)
assert (changed.role, changed.custom_roles) == ("reader", [])
changed = api.patch_member(sandy.id, patch(("add", "/customRoles/0", role.id)))
assert changed.custom_roles == [role.id]

body = refused(BadRequestException, api.post_members, [NewMemberForm(email="Ariel@acme.example")])
code = body["code"]
assert body["invalid_emails"] == ["Ariel@acme.example"], body
refused(ForbiddenException, api.patch_member, "me", patch(("replace", "/role", "reader")))
api.delete_member(sandy.id)
refused(NotFoundException, api.get_member, sandy.id)

result(left=[m.id for m in api.get_members().items], code=code)
