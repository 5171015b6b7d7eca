from common import Client, refused, result
from launchdarkly_api.exceptions import UnauthorizedException

api = Client().other
identity = api.get_caller_identity()
assert (identity.auth_kind, identity.token_kind, identity.service_token) == ("token", "personal", False)
assert identity.scopes and len(identity.account_id) == 24 and len(identity.token_id) == 24
root = api.get_root()
assert root.links["tokens"].href == "/api/v2/tokens"
versions = api.get_versions()
assert versions.valid_versions == sorted(versions.valid_versions)
refused(UnauthorizedException, Client("api-nobody").other.get_caller_identity)
assert versions.current_version == versions.latest_version in versions.valid_versions
result(member=identity.member_id, latest=versions.latest_version)
