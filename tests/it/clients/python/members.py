from common import Client, patch, refused, result, sign_in
from launchdarkly_api.exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
)
from launchdarkly_api.models.custom_role_post import CustomRolePost
from launchdarkly_api.models.new_member_form import NewMemberForm
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
assert me.role == "owner" and me.id == api.get_member(me.id).id
# With the password, a member signs in at once.
session = sign_in("ariel@acme.example", "correct horse battery")
assert session.members.get_member("me").id == ariel.id
page = api.get_members(limit=1, offset=1)
assert [m.id for m in page.items] == [ariel.id] and page.total_count == 3
assert api.get_member(sandy.id).email == "sandy@acme.example"


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

# One bad entry refuses the whole request.
codes = []


def invite(*emails):
    forms = [NewMemberForm(email=email) for email in emails]
    body = refused(BadRequestException, api.post_members, forms)
    codes.append(body["code"])
    return body["invalid_emails"]


assert invite("new@acme.example", "Ariel@acme.example") == ["Ariel@acme.example"]
assert invite("twice@acme.example", "new@acme.example", "Twice@acme.example") == ["Twice@acme.example"]
refused(BadRequestException, api.post_members, [NewMemberForm(email="no address")])
refused(
    BadRequestException,
    api.post_members,
    [NewMemberForm(email="new@acme.example", custom_roles=["unknown"])],
)
assert api.get_members().total_count == 3

refused(ForbiddenException, api.patch_member, "me", patch(("replace", "/role", "reader")))
refused(ForbiddenException, session.members.delete_member, sandy.id)
refused(BadRequestException, api.patch_member, ariel.id, patch(("replace", "/role", "boss")))
api.delete_member(sandy.id)
refused(NotFoundException, api.get_member, sandy.id)
refused(NotFoundException, api.delete_member, sandy.id)

result(left=[m.id for m in api.get_members().items], codes=codes)
