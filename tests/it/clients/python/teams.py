import launchdarkly_api.models as models
from common import Client, refused, result
from launchdarkly_api.api.teams_api import TeamsApi
from launchdarkly_api.api.teams_beta_api import TeamsBetaApi
from launchdarkly_api.exceptions import BadRequestException, ConflictException, NotFoundException

SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"
ALL = "members,roles,maintainers,roleAttributes,projects"
client = Client()
teams = TeamsApi(client.client)


def instruct(*instructions):
    """The arguments of a semantic patch."""
    body = models.TeamPatchInput(instructions=list(instructions), comment="why")
    return {"team_patch_input": body, "_content_type": SEMANTIC, "expand": ALL}


client.roles.post_custom_role(models.CustomRolePost(name="Ops", key="ops", policy=[]))
forms = [models.NewMemberForm(email=f"{name}@example.com") for name in ("ada", "bob", "cat")]
ada, bob, cat = [member.id for member in client.members.post_members(forms).items]

team = teams.post_team(
    models.TeamPostInput(
        key="web",
        name="Web",
        custom_role_keys=["ops"],
        member_ids=[ada],
        permission_grants=[models.PermissionGrantInput(action_set="maintainTeam", member_ids=[ada])],
        role_attributes={"project": ["web"]},
    ),
    expand=ALL,
)
assert (team.key, team.version, team.members.total_count) == ("web", 1, 1)
assert team.roles.items[0].key == "ops" and team.maintainers.items[0].id == ada
assert "updateTeamName" in [entry.action for entry in team.access.allowed]

team = teams.patch_team(
    "web",
    **instruct(
        {"kind": "updateName", "value": "Site"},
        {"kind": "addMembers", "values": [bob]},
        {"kind": "removeCustomRoles", "values": ["ops"]},
        {"kind": "replaceRoleAttributes", "value": {}},
    ),
)
assert (team.name, team.members.total_count, team.roles.total_count) == ("Site", 2, 0)
assert teams.get_team_maintainers("web").items[0].email == "ada@example.com"


def maintain(kind, *members):
    """An instruction about who maintains the team."""
    return {"kind": kind, "actionSet": "maintainTeam", "memberIDs": list(members)}


team = teams.patch_team("web", **instruct(maintain("addPermissionGrants", bob, cat)))
assert team.maintainers.total_count == 3
team = teams.patch_team("web", **instruct(maintain("removePermissionGrants", bob, cat)))
assert [one.id for one in team.maintainers.items] == [ada]
assert teams.get_team_roles("web").items == []

refused(NotFoundException, teams.get_team, "none")
refused(ConflictException, teams.post_team, models.TeamPostInput(key="web", name="Again"))
refused(BadRequestException, teams.patch_team, "web", **instruct({"kind": "fly"}))

imported = teams.post_team_members("web", file=("members.csv", b"cat@example.com\n"))
assert [(item.value, item.status) for item in imported.items] == [("cat@example.com", "success")]

teams.post_team(models.TeamPostInput(key="shop", name="Shop"))
member = client.members.post_member_teams(ada, models.MemberTeamsPostInput(team_keys=["shop"]))
assert [one.key for one in member.teams] == ["web", "shop"]
assert member.permission_grants[0].resource == "team/web"

bulk = TeamsBetaApi(Client(headers={"LD-API-Version": "beta"}).client).patch_teams(
    models.TeamsPatchInput(
        instructions=[{"kind": "addMembersToTeams", "memberIDs": [cat], "teamKeys": ["shop", "none"]}]
    ),
    _content_type=SEMANTIC,
)
assert (bulk.team_keys, bulk.errors) == (["shop"], [{"none": "unknown team"}])

changed = client.members.patch_members(
    models.MembersPatchInput(
        instructions=[{"kind": "replaceMembersRoles", "value": "writer", "memberIDs": [ada, bob]}]
    ),
    _content_type=SEMANTIC,
)
assert (changed.members, changed.errors) == ([ada, bob], [])
writers = client.members.get_members(filter="role:writer,team:web", sort="-displayName", expand="customRoles")
assert [one.email for one in writers.items] == ["bob@example.com", "ada@example.com"]

teams.delete_team("web")
listed = teams.get_teams(sort="name", filter="query:shop", expand="members")
assert [(one.key, one.members.total_count) for one in listed.items] == [("shop", 2)]
result(left=[one.key for one in listed.items])
