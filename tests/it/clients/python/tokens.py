import time

from common import Client, patch, refused, result
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
from launchdarkly_api.models.statement_post import StatementPost

client = Client()
api = client.tokens


def now_ms():
    return int(time.time() * 1000)


# Create: each kind of scope.
reader = api.post_token(AccessTokenPost(name="reader", description="d", role="reader"))
assert reader.token.startswith("api-") and len(reader.token) == 40, reader.token
assert (reader.role, reader.service_token, reader.description) == ("reader", False, "d")
assert isinstance(reader.creation_date, int) and reader.member.email
assert reader.default_api_version == 20240415
assert reader.links["self"].href == f"/api/v2/tokens/{reader.id}"

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
assert inline.role is None and len(inline.inline_role) == 1
assert inline.inline_role[0].to_dict() == statement.to_dict()

expiry = now_ms() + 3_600_000
service = api.post_token(
    AccessTokenPost(
        name="service",
        role="writer",
        service_token=True,
        expiry=expiry,
        default_api_version=20191212,
    )
)
assert service.service_token is True and service.expiry == expiry
assert (service.role, service.default_api_version) == ("writer", 20191212)

# Get and list: the secret is obscured.
again = api.get_token(reader.id)
assert again.token == reader.token[-4:] and again.name == "reader"
everything = api.get_tokens(show_all=True)
assert everything.total_count == 5 and everything.items[0].id == service.id
assert all(len(token.token) == 4 for token in everything.items)
page = api.get_tokens(limit=2, offset=2)
assert [t.id for t in page.items] == [by_role.id, reader.id] and page.total_count == 5
assert set(page.links) == {"self", "first", "prev", "next", "last"}
assert set(api.get_tokens(limit=2).links) == {"self", "next", "last"}
assert api.get_tokens(limit=2, offset=5).items == []

# Patch.
changed = api.patch_token(
    reader.id,
    patch(("replace", "/name", "renamed"), ("replace", "/description", "e"), ("add", "/expiry", expiry)),
)
assert (changed.name, changed.description, changed.expiry) == ("renamed", "e", expiry)
changed = api.patch_token(reader.id, patch(("replace", "/expiry", expiry + 1)))
assert changed.expiry == expiry + 1

# From one kind of scope to another, as Terraform sends it, and on.
switched = api.patch_token(
    reader.id,
    patch(
        ("replace", "/name", "switched"),
        ("remove", "/role", None),
        ("replace", "/inlineRole", [statement.to_dict()]),
    ),
)
assert switched.name == "switched" and switched.role is None
assert switched.inline_role[0].actions == ["updateOn"]
switched = api.patch_token(
    reader.id, patch(("remove", "/inlineRole", None), ("replace", "/customRoleIds", ["ops"]))
)
assert switched.custom_role_ids == [role.id] and not switched.inline_role
switched = api.patch_token(
    reader.id, patch(("remove", "/customRoleIds", None), ("replace", "/role", "reader"))
)
assert switched.role == "reader" and not switched.custom_role_ids

# What may change of a service token.
changed = api.patch_token(
    service.id, patch(("replace", "/name", "deploys"), ("replace", "/description", "f"))
)
assert (changed.name, changed.description, changed.role) == ("deploys", "f", "writer")


# Reset.
def caller(token):
    return Client(token).other.get_caller_identity()


assert caller(by_role.token).token_id == by_role.id
fresh = api.reset_token(by_role.id)
assert fresh.token != by_role.token and len(fresh.token) == 40
assert (fresh.id, fresh.name, fresh.custom_role_ids) == (by_role.id, "by role", [role.id])
assert caller(fresh.token).token_id == by_role.id
refused(UnauthorizedException, caller, by_role.token)

# With an expiry, both work until then.
graced = api.reset_token(by_role.id, expiry=expiry)
assert caller(fresh.token).token_id == caller(graced.token).token_id == by_role.id
# A second one ends the first one's grace.
last = api.reset_token(by_role.id, expiry=expiry)
refused(UnauthorizedException, caller, fresh.token)
assert caller(graced.token).token_id == caller(last.token).token_id == by_role.id

# A grace ends by itself, and so does a token with an expiry. Only the call that sets one is pressed for time.
brief = api.post_token(AccessTokenPost(name="brief", role="reader", expiry=now_ms() + 3_000))
until = now_ms() + 3_000
final = api.reset_token(by_role.id, expiry=until)
time.sleep(max(0, until - now_ms()) / 1000 + 0.1)
refused(UnauthorizedException, caller, last.token)
refused(UnauthorizedException, caller, brief.token)
assert caller(final.token).token_id == by_role.id
api.delete_token(brief.id)

# A service token is reset the same way.
new = api.reset_token(service.id)
refused(UnauthorizedException, caller, service.token)
assert caller(new.token).service_token is True

# Refusals, each as the client's own exception.
plain = api.post_token(AccessTokenPost(name="plain", role="reader"))
body = refused(ForbiddenException, Client(plain.token).tokens.delete_token, plain.id)
assert body["message"].startswith("not allowed: deleteAccessToken on member/"), body
assert body["code"] == "forbidden", body
body = refused(NotFoundException, api.get_token, "000000000000000000000000")
assert body["code"] == "not_found", body
body = refused(BadRequestException, api.post_token, AccessTokenPost(name="no scope"))
assert body["code"] == "invalid_request", body
refused(BadRequestException, api.post_token, AccessTokenPost(role="reader", custom_role_ids=["ops"]))
refused(ConflictException, api.patch_token, service.id, patch(("replace", "/role", "admin")))
refused(
    ConflictException,
    api.patch_token,
    service.id,
    patch(("remove", "/role", None), ("replace", "/inlineRole", [statement.to_dict()])),
)
assert api.get_token(service.id).role == "writer"
body = refused(
    UnprocessableEntityException, api.patch_token, plain.id, patch(("remove", "/inlineRole", None))
)
assert body["code"] == "patch_failed", body

# Delete.
api.delete_token(plain.id)
api.delete_token(inline.id)
refused(NotFoundException, api.get_token, inline.id)
refused(NotFoundException, api.delete_token, inline.id)
refused(UnauthorizedException, caller, inline.token)

result(left=[t.id for t in api.get_tokens().items])
