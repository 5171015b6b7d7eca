// What somebody may not do is not offered, and sent all the same it is refused: for each role, all of both.
const assert = require('node:assert');
const { randomUUID } = require('node:crypto');
const { BASE, owner, scenario, signIn } = require('./support');
const { invite, passwordOf, session } = require('./callers');
const { HOME } = require('./steps');

const allow = (resources, actions) => [{ effect: 'allow', resources, actions }];
const POLICY = JSON.stringify(allow(['proj/*'], ['*']));

/** Everything that a person of each role looks at, and may try. */
async function fill(people) {
  await owner('POST', '/api/v2/roles', { key: 'ops', name: 'Operations', policy: allow(['proj/*'], ['viewProject']) });
  const viewer = allow(['member/*:token/*', 'service-token/*'], ['viewAccessToken']);
  const { _id: role } = await owner('POST', '/api/v2/roles', { key: 'viewer', name: 'Viewer', policy: viewer });
  const other = await invite('other@example.com', 'reader');
  await owner('POST', '/api/v2/teams', { key: 'web', name: 'Web', memberIDs: [other._id], customRoleKeys: ['ops'] });
  const theirs = await (await session('other@example.com'))('POST', '/api/v2/tokens', { name: 'Theirs', role: 'reader' });
  const service = await owner('POST', '/api/v2/tokens', { name: 'Service', role: 'reader', serviceToken: true });
  const own = {};
  for (const [name, one] of people) {
    await invite(`${name}@example.com`, one, name === 'viewer' ? { customRoles: [role] } : {});
    // Who may only look has no token, and makes none.
    if (name === 'viewer') continue;
    const call = await session(`${name}@example.com`);
    own[name] = (await call('POST', '/api/v2/tokens', { name: `Own of ${name}`, role: 'reader' }))._id;
  }
  return { other: other._id, theirs: theirs._id, service: service._id, own };
}

/** What a page offers in its content, by its words; the names of fields and of tokens are no offers. */
const offers = async (page) => {
  const all = page.locator('main').getByRole('button').or(page.locator('main').getByRole('link'));
  const words = await all.evaluateAll((elements) => elements
    .filter((one) => one.checkVisibility() && one.matches('button, a.button, .menu a'))
    .map((one) => one.getAttribute('aria-label') ?? one.textContent.trim()));
  return words.filter((one) => !['Show', 'Explain'].includes(one));
};

async function seen(page, ids) {
  const looks = { tabs: await page.getByRole('navigation', { name: 'Account settings' }).getByRole('link').allInnerTexts() };
  looks.menus = {};
  for (const line of await page.getByRole('row').filter({ has: page.getByRole('rowheader') }).all()) {
    const menu = line.getByLabel(/^Actions for/);
    const name = await line.getByRole('rowheader').innerText();
    if (await menu.count()) await menu.click();
    looks.menus[name] = (await line.locator('.menu').getByRole('link').allInnerTexts()).join(' ');
    if (await menu.count()) await page.keyboard.press('Escape');
  }
  const paths = {
    tokens: HOME, members: '/settings/members', member: `/settings/members/${ids.other}`, roles: '/settings/roles',
    role: '/settings/roles/role/ops', teams: '/settings/teams', team: '/settings/teams/team/web', overview: '/settings/overview',
  };
  for (const [name, path] of Object.entries(paths)) {
    const answer = await page.goto(path);
    looks[name] = answer.ok() ? (await offers(page)).join(', ') : answer.status();
    if (!answer.ok()) await page.getByRole('alert').waitFor();
  }
  return looks;
}

/** All that one may try to send, what is least to lose first. */
const forms = ({ other, theirs, service, own }, name) => ({
  'reset another': [`${HOME}/tokens/${theirs}/reset`, { confirm: 'Theirs', hours: '0' }],
  'reset a service token': [`${HOME}/tokens/${service}/reset`, { confirm: 'Service', hours: '0' }],
  'delete another': [`${HOME}/tokens/${theirs}/delete`, { confirm: 'Theirs' }],
  'delete a service token': [`${HOME}/tokens/${service}/delete`, { confirm: 'Service' }],
  'delete an own token': own && [`${HOME}/tokens/${own}/delete`, { confirm: `Own of ${name}` }],
  invite: ['/settings/members/new', { email: `by-${name}@example.com`, role: 'reader' }],
  'change a role of a member': [`/settings/members/${other}`, { do: 'save', role: 'writer' }],
  'make a role': ['/settings/roles/new', { name: 'Made', newKey: `by-${name}`, base: 'no_access', policy: POLICY }],
  'change a role': ['/settings/roles/role/ops', { do: 'save', name: 'Operations', description: '', base: 'no_access', policy: POLICY }],
  'make a team': ['/settings/teams/new', { name: 'Made', teamKey: `by-${name}` }],
  'rename a team': ['/settings/teams/team/web', { do: 'rename', name: 'Other' }],
  'add to a team': ['/settings/teams/team/web', { do: 'add', email: `${name}@example.com` }],
  'roles of a team': ['/settings/teams/team/web', { do: 'roles' }],
  'delete a team': ['/settings/teams/team/web', { do: 'delete' }],
  'delete a role': ['/settings/roles/role/ops/delete', {}],
  'remove a member': [`/settings/members/${other}/remove`, { confirm: 'other@example.com' }],
});

/** Sends all of it as the browser's session; gives the status of each, and which refusals say nothing. */
async function sent(page, all) {
  const [statuses, silent] = [{}, []];
  for (const [what, form] of Object.entries(all).filter(([, one]) => one)) {
    const options = { form: { key: randomUUID(), ...form[1] }, headers: { Origin: BASE }, maxRedirects: 0 };
    const answer = await page.request.post(form[0], options);
    const html = await answer.text();
    statuses[what] = answer.status();
    if (!answer.ok() && answer.status() !== 303) {
      if (!/role="alert">[^<]{10,}/.test(html)) silent.push(what);
    }
  }
  return { statuses, silent };
}

/** Who may change roles and not see the custom ones changes what is on the page, and nothing besides. */
async function keeps(page) {
  const policy = [...allow(['member/*'], ['*']), ...allow(['proj/*'], ['*'])];
  const { _id: role } = await owner('POST', '/api/v2/roles', { key: 'people', name: 'People', policy });
  const { _id: kept } = await owner('POST', '/api/v2/roles', { key: 'kept', name: 'Kept', policy: allow(['proj/*'], ['viewProject']) });
  await invite('people@example.com', 'reader', { customRoles: [role] });
  const member = await invite('changed@example.com', 'reader', { customRoles: [kept] });
  await signIn(page, 'people@example.com', passwordOf('people@example.com'));
  await page.goto(`/settings/members/${member._id}`);
  await page.getByLabel('Role', { exact: true }).selectOption('no_access');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').or(page.getByRole('alert')).first().waitFor();
  return (await owner('GET', `/api/v2/members/${member._id}`)).customRoles.length;
}

scenario(async ({ open }) => {
  const people = [['viewer', 'reader'], ['reader-2', 'reader'], ['writer', 'writer'], ['admin', 'admin']];
  const ids = await fill(people);
  const state = async () => JSON.stringify(await Promise.all(
    ['members?limit=50', 'roles', 'teams?expand=members,roles'].map((path) => owner('GET', `/api/v2/${path}`)),
  ).then((lists) => lists.map(({ items }) => items.map(({ _lastSeen, _lastSeenMetadata, ...rest }) => rest))));
  const before = await state();
  const result = {};
  for (const [name] of people) {
    const page = await open();
    await signIn(page, `${name}@example.com`, passwordOf(`${name}@example.com`));
    const looks = await seen(page, ids);
    if (name !== 'admin') assert.strictEqual(await state(), before, 'looking changes nothing');
    const { statuses, silent } = await sent(page, forms({ ...ids, own: ids.own[name] }, name));
    if (name !== 'admin') assert.strictEqual(await state(), before, `what ${name} sends changes nothing`);
    result[name] = { looks, statuses, silent };
  }
  return { ...result, kept: await keeps(await open()) };
});
