import time

from common import Client, refused, result
from launchdarkly_api.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
    UnprocessableEntityException,
)
from launchdarkly_api.models.access_token_post import AccessTokenPost
from launchdarkly_api.models.custom_role_post import CustomRolePost
from launchdarkly_api.models.patch_operation import PatchOperation
from launchdarkly_api.models.statement_post import StatementPost

client = Client()
api = client.tokens
refusals = 0


def patch(*operations):
    return [PatchOperation(op=op, path=path, value=value) for op, path, value in operations]


# Create: each kind of scope.
reader = api.post_token(AccessTokenPost(name="reader", description="d", role="reader"))
assert reader.token.startswith("api-") and len(reader.token) == 40, reader.token
assert (reader.role, reader.service_token) == ("reader", False)
assert isinstance(reader.creation_date, int) and reader.member.email

role = client.roles.post_custom_role(
    CustomRolePost(
        name="Ops",
        key="ops",
        policy=[StatementPost(effect="allow", resources=["proj/*"], actions=["*"])],
    )
)
by_role = api.post_token(AccessTokenPost(name="by role", custom_role_ids=["ops"]))
assert by_role.custom_role_ids == [role.id] and by_role.role is None

statement = StatementPost(effect="allow", resources=["proj/*:env/*"], actions=["updateOn"])
inline = api.post_token(AccessTokenPost(name="inline", inline_role=[statement]))
assert inline.inline_role[0].resources == ["proj/*:env/*"]

expiry = int(time.time() * 1000) + 3_600_000
service = api.post_token(
    AccessTokenPost(name="service", role="writer", service_token=True, expiry=expiry)
)
assert service.service_token is True and service.expiry == expiry

# Get and list: the secret is obscured.
again = api.get_token(reader.id)
assert again.token == reader.token[-4:] and again.name == "reader"
everything = api.get_tokens(show_all=True)
assert everything.total_count == 5 and everything.items[0].id == service.id
page = api.get_tokens(limit=2, offset=2)
assert [t.id for t in page.items] == [by_role.id, reader.id]
assert set(page.links) == {"self", "first", "prev", "next", "last"}

# Patch.
changed = api.patch_token(
    reader.id,
    patch(("replace", "/name", "renamed"), ("replace", "/description", "e"), ("add", "/expiry", expiry)),
)
assert (changed.name, changed.description, changed.expiry) == ("renamed", "e", expiry)
switched = api.patch_token(
    reader.id,
    patch(
        ("replace", "/name", "switched"),
        ("remove", "/role", None),
        ("replace", "/inlineRole", [statement.to_dict()]),
    ),
)
assert switched.role is None and switched.inline_role[0].actions == ["updateOn"]

# Reset.
caller = lambda token: Client(token).other.get_caller_identity()
fresh = api.reset_token(by_role.id)
assert fresh.token != by_role.token and fresh.id == by_role.id
assert caller(fresh.token).token_id == by_role.id
refused(UnauthorizedException, caller, by_role.token)
refusals += 1
graced = api.reset_token(by_role.id, expiry=expiry)
assert caller(fresh.token).token_id == caller(graced.token).token_id

# Refusals, each as the client's own exception.
plain = api.post_token(AccessTokenPost(name="plain", role="reader"))
body = refused(ForbiddenException, Client(plain.token).tokens.delete_token, plain.id)
assert body["message"].startswith("not allowed: deleteAccessToken on member/"), body
refused(NotFoundException, api.get_token, "000000000000000000000000")
refused(BadRequestException, api.post_token, AccessTokenPost(name="no scope"))
refused(BadRequestException, api.post_token, AccessTokenPost(role="reader", custom_role_ids=["ops"]))
refused(ConflictException, api.patch_token, service.id, patch(("replace", "/role", "admin")))
body = refused(
    UnprocessableEntityException, api.patch_token, plain.id, patch(("remove", "/inlineRole", None))
)
assert body["code"] == "patch_failed", body
refusals += 6

# Delete.
api.delete_token(plain.id)
api.delete_token(inline.id)
refused(NotFoundException, api.get_token, inline.id)
refused(UnauthorizedException, caller, inline.token)
refusals += 1

result(left=[t.id for t in api.get_tokens().items], refused=refusals)
