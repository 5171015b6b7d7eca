"""The seed's own example: a writer, their writer tokens, the downgrade, the removal."""

from common import Client, patch, refused, result, sign_in
from launchdarkly_api.exceptions import ForbiddenException, UnauthorizedException
from launchdarkly_api.models.access_token_post import AccessTokenPost
from launchdarkly_api.models.new_member_form import NewMemberForm

owner = Client()
password = "correct horse battery"
form = NewMemberForm(email="ariel@acme.example", password=password, role="writer")
ariel = owner.members.post_members([form]).items[0]
session = sign_in("ariel@acme.example", password)
steps = []


def roles(*tokens):
    """What the tokens come down to now."""
    steps.append([owner.effective(token.id).get("role") for token in tokens])


personal = session.tokens.post_token(AccessTokenPost(name="laptop", role="writer"))
service = session.tokens.post_token(AccessTokenPost(name="deploys", role="writer", service_token=True))
assert personal.member_id == service.member_id == ariel.id
body = refused(ForbiddenException, session.tokens.post_token, AccessTokenPost(role="admin"))
assert "above your own" in body["message"], body
roles(personal, service)

owner.members.patch_member(ariel.id, patch(("replace", "/role", "reader")))
roles(personal, service)
# The scope is what it was: it is the member who may do less, and who makes only reader tokens now.
assert owner.tokens.get_token(personal.id).role == "writer"
refused(ForbiddenException, session.tokens.post_token, AccessTokenPost(role="writer"))
session.tokens.post_token(AccessTokenPost(name="small", role="reader"))

owner.members.patch_member(ariel.id, patch(("replace", "/role", "writer")))
roles(personal, service)

assert Client(personal.token).members.get_member("me").id == ariel.id
owner.members.delete_member(ariel.id)
refused(UnauthorizedException, Client(personal.token).members.get_member, "me")
refused(UnauthorizedException, session.tokens.get_tokens)
assert Client(service.token).other.get_caller_identity().service_token is True
roles(service)

# The same person again is another member; the old token stays dead.
again = owner.members.post_members([form]).items[0]
assert again.id != ariel.id
refused(UnauthorizedException, Client(personal.token).other.get_caller_identity)
result(steps=steps, personal=personal.id)
