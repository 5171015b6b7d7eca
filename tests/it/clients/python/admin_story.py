"""What becomes of an admin's tokens, seen by what they may do."""

import os

from common import Client, refused, result
from launchdarkly_api.exceptions import ForbiddenException, UnauthorizedException
from launchdarkly_api.models.custom_role_post import CustomRolePost
from launchdarkly_api.models.patch_operation import PatchOperation

owner = Client()
personal = Client(os.environ["PERSONAL"])
service = Client(os.environ["SERVICE"])
member = os.environ["MEMBER"]
steps = []


def role(key):
    return CustomRolePost(name=key, key=key, policy=[])


personal.roles.post_custom_role(role("by-personal"))
steps.append("personal made a role")

owner.members.patch_member(member, [PatchOperation(op="replace", path="/role", value="reader")])
refused(ForbiddenException, personal.roles.post_custom_role, role("refused"))
assert personal.roles.get_custom_roles().total_count == 1
steps.append("personal was refused")
service.roles.post_custom_role(role("by-service"))
steps.append("service made a role")

owner.members.delete_member(member)
refused(UnauthorizedException, personal.other.get_caller_identity)
steps.append("personal is dead")
service.roles.post_custom_role(role("by-service-again"))
assert service.other.get_caller_identity().service_token is True
steps.append("service is alive")
result(steps=steps)
