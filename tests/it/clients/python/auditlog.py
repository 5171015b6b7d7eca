import launchdarkly_api.models as models
from common import Client, patch, refused, result
from launchdarkly_api.api.audit_log_api import AuditLogApi
from launchdarkly_api.exceptions import BadRequestException, NotFoundException

client = Client()
api = AuditLogApi(client.client)
client.roles.post_custom_role(models.CustomRolePost(name="Ops", key="ops", policy=[]))
comment = models.PatchWithComment(patch=patch(("replace", "/name", "Operations")), comment="why")
client.roles.patch_custom_role("ops", comment)
token = client.tokens.post_token(models.AccessTokenPost(name="tool", role="reader"))

page = api.get_audit_log_entries(limit=2)
assert [one.title_verb for one in page.items] == ["created the access token", "updated the custom role"]
assert page.items[0].token.ending == client.token[-4:] and page.links["next"].href
newest = page.items[1]
assert newest.comment == "why" and newest.member.email == "owner@keyledger.example"
one = api.get_audit_log_entry(newest.id)
assert (one.previous_version["name"], one.current_version["name"]) == ("Ops", "Operations")
assert one.delta == [{"op": "replace", "path": "/name", "value": "Operations"}]

roles = api.get_audit_log_entries(spec="role/*", q="oper")
assert [entry.kind for entry in roles.items] == ["role"]
statements = [models.StatementPost(effect="allow", resources=["role/*"], actions=["createRole"])]
assert [entry.name for entry in api.post_audit_log_entries(statement_post=statements).items] == ["Ops"]
counts = api.post_audit_log_entry_counts(after=0, statement_post=statements, buckets=3)
assert (counts.total_count, len(counts.buckets)) == (1, 3)
by = api.get_audit_log_entries(token=client.other.get_caller_identity().token_id)
assert len(by.items) == 3
refused(BadRequestException, api.get_audit_log_entries, limit=50)
refused(NotFoundException, api.get_audit_log_entry, "f" * 24)
result(token=token.id, kinds=[entry.kind for entry in api.get_audit_log_entries(limit=20).items])
