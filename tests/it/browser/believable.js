// An account as there could be one, for pictures: people, roles, teams, and tokens of every kind.
const assert = require('node:assert');
const { BASE, owner, works } = require('./support');

const HOUR_MS = 3_600_000;
const PASSWORD = 'correct horse battery staple';

const PEOPLE = [
  ['Ada', 'Lindqvist', 'admin'], ['Bilal', 'Haddad', 'writer'], ['Chiara', 'Moretti', 'writer'],
  ['Dmitri', 'Volkov', 'writer'], ['Esi', 'Mensah', 'reader'], ['Farah', 'Nazari', 'writer'],
  ['Goran', 'Petrovic', 'writer'], ['Hana', 'Kobayashi', 'admin'], ['Ines', 'Carvalho', 'reader'],
  ['Jonas', 'Weber', 'writer'], ['Keiko', 'Tanaka', 'reader'], ['Luis', 'Ortega', 'writer'],
];

const allow = (resources, actions) => [{ effect: 'allow', resources: [resources], actions }];

const ROLES = [
  ['deployer', 'Deployer', allow('proj/*:env/production', ['updateOn', 'updateRules'])],
  ['flag-auditor', 'Flag auditor', allow('proj/*', ['viewProject'])],
  ['release-manager', 'Release manager', allow('proj/web:env/*', ['*'])],
  ['on-call', 'On call', allow('proj/*:env/production', ['*'])],
];

const TEAMS = [
  ['web', 'Web', ['bilal', 'chiara', 'farah'], ['release-manager']],
  ['platform', 'Platform', ['dmitri', 'goran', 'hana'], ['on-call', 'deployer']],
  ['data', 'Data', ['esi', 'ines', 'keiko'], ['flag-auditor']],
];

// Who makes it, its name, its scope, and what else: when it expires, and whether nobody has used it yet. The last is the
// newest, which the table shows first.
const TOKENS = [
  ...PEOPLE.map(([first, , role]) => [first.toLowerCase(), 'laptop', { role }]),
  ...PEOPLE.map(([first, , role]) => [first.toLowerCase(), 'command line', { role }, { unused: role === 'reader' }]),
  ['keiko', 'Notebook', { role: 'reader' }, { unused: true }],
  ['ines', 'Dashboard', { role: 'reader' }],
  ['goran', 'Cluster autoscaler', { role: 'writer' }, { hours: 90 * 24 }],
  ['farah', 'Release notes', { inlineRole: allow('proj/web', ['viewProject']) }],
  ['dmitri', 'Migration to v2', { role: 'writer' }, { unused: true }],
  ['chiara', 'Storybook preview', { role: 'reader' }, { hours: 14 * 24 }],
  ['bilal', 'Flag clean-up', { role: 'writer' }],
  ['hana', 'Load test', { role: 'writer' }, { hours: 30 }],
  ['hana', 'Contractor, until Friday', { role: 'reader' }, { hours: 4 * 24 }],
  ['hana', 'Status page', { inlineRole: allow('proj/web:env/production', ['viewProject']), serviceToken: true }],
  ['hana', 'Incident bot', { customRoleIds: ['on-call'], serviceToken: true }],
  ['ada', 'Nightly export', { role: 'reader', serviceToken: true }],
  ['ada', 'Deploy pipeline', { customRoleIds: ['deployer'], serviceToken: true }],
  ['ada', 'Terraform, staging', { role: 'writer', serviceToken: true }],
  ['ada', 'Terraform, production', { role: 'admin', serviceToken: true }],
];

const email = (who) => `${who}@acme.example`;

/** Calls as a person who is signed in. */
async function session(who) {
  const headers = { 'Content-Type': 'application/json', Origin: BASE };
  const body = JSON.stringify({ email: email(who), password: PASSWORD });
  const entered = await fetch(`${BASE}/session`, { method: 'POST', headers, body });
  assert.strictEqual(entered.status, 204, `${who} signs in`);
  const signedIn = { ...headers, Cookie: entered.headers.get('set-cookie').split(';')[0] };
  return async (path, form) => {
    const answer = await fetch(BASE + path, { method: 'POST', headers: signedIn, body: JSON.stringify(form) });
    const made = await answer.json();
    assert.strictEqual(answer.status, 201, `${who}: ${path}: ${JSON.stringify(made)}`);
    return made;
  };
}

/** Makes all of it; gives the ids and keys of one of each. */
async function fill() {
  for (const [key, name, policy] of ROLES) await owner('POST', '/api/v2/roles', { key, name, policy });
  const { items } = await owner('POST', '/api/v2/members', PEOPLE.map(([firstName, lastName, role]) => ({
    firstName, lastName, role, email: email(firstName.toLowerCase()), password: PASSWORD,
  })));
  const ids = new Map(items.map((member) => [member.email, member._id]));
  for (const [key, name, people, customRoleKeys] of TEAMS) {
    const memberIDs = people.map((who) => ids.get(email(who)));
    await owner('POST', '/api/v2/teams', { key, name, memberIDs, customRoleKeys });
  }
  const sessions = new Map();
  let last;
  for (const [who, name, scope, { hours, unused } = {}] of TOKENS) {
    if (!sessions.has(who)) sessions.set(who, await session(who));
    const expiry = hours && Date.now() + hours * HOUR_MS;
    const token = await sessions.get(who)('/api/v2/tokens', { name, ...scope, expiry });
    if (!unused) assert.strictEqual(await works(token.token), 200);
    last = token;
  }
  // A member who may do less than before: the tokens may as well.
  await owner('PATCH', `/api/v2/members/${ids.get(email('dmitri'))}`, [{ op: 'replace', path: '/role', value: 'reader' }]);
  return { token: last._id, member: ids.get(email('dmitri')), role: ROLES[0][0], team: TEAMS[0][0] };
}

module.exports = { fill };
