// LaunchDarkly's TypeScript client against the server under test.
const assert = require('node:assert');
const {
  AccessTokensApi, AccountMembersApi, Configuration, CustomRolesApi, OtherApi,
} = require('launchdarkly-api-typescript');

const client = (token) => {
  const configuration = new Configuration({ basePath: process.env.BASE, apiKey: token });
  return {
    tokens: new AccessTokensApi(configuration),
    members: new AccountMembersApi(configuration),
    roles: new CustomRolesApi(configuration),
    other: new OtherApi(configuration),
  };
};

const refusals = [];
async function refused(status, call) {
  const error = await call.then(() => assert.fail(`no ${status}`), (error) => error);
  assert.strictEqual(error.response?.status, status, error.message);
  assert.ok(error.response.data.code && error.response.data.message);
  refusals.push(status);
}

async function main() {
  const owner = client(process.env.TOKEN);
  const { data: identity } = await owner.other.getCallerIdentity();
  assert.strictEqual(identity.tokenKind, 'personal');
  const { data: root } = await owner.other.getRoot();
  assert.strictEqual(root.links.tokens.href, '/api/v2/tokens');
  const { data: versions } = await owner.other.getVersions();
  assert.ok(versions.validVersions.includes(versions.currentVersion));

  const policy = [{ effect: 'allow', resources: ['proj/*'], actions: ['*'] }];
  const { data: role } = await owner.roles.postCustomRole({ key: 'ops', name: 'Ops', policy });
  assert.deepStrictEqual(role.policy, policy);
  const operations = [{ op: 'replace', path: '/name', value: 'Operations' }];
  const { data: renamed } = await owner.roles.patchCustomRole('ops', { patch: operations, comment: 'why' });
  assert.strictEqual(renamed.name, 'Operations');
  assert.strictEqual((await owner.roles.getCustomRoles()).data.items.length, 1);
  assert.strictEqual((await owner.roles.getCustomRole('ops')).data._id, role._id);

  const form = { email: 'ariel@acme.example', role: 'writer', password: 'correct horse battery' };
  const { data: invited } = await owner.members.postMembers([form]);
  const ariel = invited.items[0]._id;
  const { data: member } = await owner.members.patchMember(ariel, [{ op: 'replace', path: '/role', value: 'reader' }]);
  assert.strictEqual(member.role, 'reader');
  assert.strictEqual((await owner.members.getMember('me')).data.role, 'owner');
  assert.strictEqual((await owner.members.getMembers()).data.items.length, 2);
  await owner.members.deleteMember(ariel);

  const { data: token } = await owner.tokens.postToken({ name: 't', customRoleIds: ['ops'] });
  assert.deepStrictEqual(token.customRoleIds, [role._id]);
  const { data: patched } = await owner.tokens.patchToken(token._id, [{ op: 'replace', path: '/name', value: 'u' }]);
  assert.strictEqual(patched.name, 'u');
  const { data: reset } = await owner.tokens.resetToken(token._id);
  assert.notStrictEqual(reset.token, token.token);
  await refused(401, client(token.token).other.getCallerIdentity());
  await refused(403, client(reset.token).roles.postCustomRole({ key: 'x', name: 'x', policy: [] }));
  assert.strictEqual((await owner.tokens.getToken(token._id)).data.token, reset.token.slice(-4));
  await owner.tokens.deleteToken(token._id);
  await refused(404, owner.tokens.getToken(token._id));
  await refused(400, owner.tokens.postToken({ name: 'no scope' }));

  const { data: service } = await owner.tokens.postToken({ role: 'reader', serviceToken: true });
  await refused(409, owner.tokens.patchToken(service._id, [{ op: 'replace', path: '/role', value: 'admin' }]));
  await refused(422, owner.tokens.patchToken(service._id, [{ op: 'remove', path: '/inlineRole' }]));

  const inlineRole = [{ effect: 'allow', resources: ['proj/*'], actions: ['updateOn'] }];
  const { data: plain } = await owner.tokens.postToken({ name: 'plain', role: 'reader' });
  const { data: inline } = await owner.tokens.patchToken(plain._id, [
    { op: 'remove', path: '/role' },
    { op: 'replace', path: '/inlineRole', value: inlineRole },
  ]);
  assert.strictEqual(inline.role, undefined);
  const { data: graced } = await owner.tokens.resetToken(plain._id, Date.now() + 3_600_000);
  for (const secret of [plain.token, graced.token]) {
    assert.strictEqual((await client(secret).other.getCallerIdentity()).data.tokenId, plain._id);
  }

  await refused(409, owner.roles.postCustomRole({ key: 'ops', name: 'Again', policy }));
  await owner.roles.deleteCustomRole('ops');
  await refused(404, owner.roles.getCustomRole('ops'));
  await refused(404, owner.members.getMember(ariel));

  const { data: list } = await owner.tokens.getTokens(true);
  console.log(JSON.stringify({ left: list.items.map((one) => one._id), refused: refusals, inline: inline.inlineRole[0].actions }));
}

main().catch((error) => {
  console.error(error.response?.data ?? error);
  process.exit(1);
});
