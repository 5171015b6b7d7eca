const assert = require('node:assert');
const ld = require('launchdarkly-api-typescript');

const configuration = new ld.Configuration({ basePath: process.env.BASE, apiKey: process.env.TOKEN });
const teams = new ld.TeamsApi(configuration);
const members = new ld.AccountMembersApi(configuration);
const audit = new ld.AuditLogApi(configuration);
const semantic = { headers: { 'Content-Type': 'application/json; domain-model=launchdarkly.semanticpatch' } };
const refusals = [];

async function refused(status, call) {
  const error = await call.then(() => assert.fail(`no ${status}`), (found) => found);
  assert.strictEqual(error.response?.status, status, String(error));
  refusals.push(status);
}

async function main() {
  const { data: invited } = await members.postMembers([{ email: 'ada@example.com' }, { email: 'bob@example.com' }]);
  const [ada, bob] = invited.items.map((one) => one._id);
  const { data: team } = await teams.postTeam({ key: 'web', name: 'Web', memberIDs: [ada] }, 'members');
  assert.strictEqual(team.members.totalCount, 1);
  const instructions = [{ kind: 'addMembers', values: [bob] }, { kind: 'updateDescription', value: 'Builds' }];
  const { data: patched } = await teams.patchTeam('web', { comment: 'why', instructions }, 'members', semantic);
  assert.deepStrictEqual([patched.description, patched.members.totalCount], ['Builds', 2]);
  const { data: joined } = await members.postMemberTeams(ada, { teamKeys: ['web'] });
  assert.strictEqual(joined.teams[0].key, 'web');
  const bulk = { instructions: [{ kind: 'replaceMembersRoles', value: 'writer', memberIDs: [ada] }] };
  const { data: changed } = await new ld.AccountMembersBetaApi(configuration).patchMembers(bulk, semantic);
  assert.deepStrictEqual(changed.members, [ada]);
  const { data: writers } = await members.getMembers(10, 0, 'role:writer', undefined, 'displayName');
  assert.deepStrictEqual(writers.items.map((one) => one._id), [ada]);
  assert.strictEqual((await teams.getTeamMaintainers('web')).data.totalCount, 0);
  assert.strictEqual((await teams.getTeamRoles('web')).data.totalCount, 0);
  await refused(404, teams.getTeam('none'));
  await refused(409, teams.postTeam({ key: 'web', name: 'Again' }));

  const { data: page } = await audit.getAuditLogEntries(undefined, undefined, undefined, 2, 'team/*');
  assert.deepStrictEqual(page.items.map((one) => one.titleVerb), ['changed the members of the team', 'updated the team']);
  const { data: entry } = await audit.getAuditLogEntry(page.items[0]._id);
  assert.strictEqual(entry.currentVersion.memberIDs.length, 2);
  const policy = [{ effect: 'allow', resources: ['team/*'], actions: ['createTeam'] }];
  const { data: found } = await audit.postAuditLogEntries(undefined, undefined, undefined, undefined, policy);
  assert.strictEqual(found.items.length, 1);
  await refused(400, audit.getAuditLogEntries(undefined, undefined, undefined, 50));
  await teams.deleteTeam('web');
  const { data: list } = await teams.getTeams();
  console.log(JSON.stringify({ left: list.items.length, refused: refusals }));
}

main().catch((error) => {
  console.error(error.response?.data ?? error);
  process.exit(1);
});
