// Hostile texts in forms and addresses: they come back as they were typed, and lead nowhere else.
const assert = require('node:assert');
const { BASE, EMAIL, PASSWORD, scenario, signIn } = require('./support');
const { NAMES, obeysNothing } = require('./hostile_names');
const { HOME, refused, save, taken } = require('./steps');

/** Where nobody is to be sent after signing in. */
const ELSEWHERE = ['//evil.example', 'https://evil.example/settings/', 'javascript:window.__pwned = true', '/\\evil.example'];

/** A token of each name, which is refused first. */
async function tokens(page) {
  for (const name of NAMES) {
    await save(page, { name, role: 'In-line policy', policy: name });
    await refused(page, /^the policy, line \d+, column \d+: /);
    assert.strictEqual(await page.getByLabel('Name', { exact: true }).inputValue(), name);
    const policy = page.getByRole('textbox', { name: 'In-line policy' });
    assert.strictEqual(await policy.inputValue(), name);
    await obeysNothing(page, `refusing ${name}`);
    // JSON, but no policy: what the API says of it holds the text itself.
    await policy.fill(JSON.stringify([{ effect: name, resources: [name], actions: [name] }]));
    await page.getByRole('button', { name: 'Save token' }).click();
    await refused(page, /^the policy, line 1, column \d+: (?!expected value)/);
    await obeysNothing(page, `refusing a policy of ${name}`);
    await page.getByLabel('Role', { exact: true }).selectOption('reader');
    await page.getByRole('button', { name: 'Save token' }).click();
    await page.getByRole('heading', { name: `${name} was created`, exact: true }).waitFor();
    await obeysNothing(page, `the secret of ${name}`);
    await taken(page);
  }
}

/** Sends the form of signing in with whatever, which a browser would not let through by itself. */
async function enter(page, email, password) {
  await page.locator('form').evaluate((form) => { form.noValidate = true; });
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

scenario(async ({ open }) => {
  // Without the policy of content, so that nothing but what the pages escape stands between a text and a script.
  const page = await open({ bypassCSP: true });
  await signIn(page);
  await tokens(page);
  for (const name of NAMES) {
    for (const path of [`/settings/${encodeURIComponent(name)}`, `${HOME}?offset=${encodeURIComponent(name)}`]) {
      await page.goto(path);
      await obeysNothing(page, path);
    }
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');

  // What stands behind the "#" of an invitation, whether or not it is what a link holds.
  for (const name of NAMES) {
    for (const text of [name, encodeURIComponent(name)]) {
      await page.goto('about:blank');
      await page.goto(`/invitation#${text}`);
      assert.strictEqual(new URL(page.url()).hash, '', `the address keeps nothing of ${text}`);
      await obeysNothing(page, `an invitation of ${name}`);
    }
    assert.strictEqual(await page.getByLabel('Code of the invitation').inputValue(), name);
    await page.getByLabel('Password', { exact: true }).fill('a password');
    await page.getByLabel('Password again').fill('another password');
    await page.getByRole('button', { name: 'Join' }).click();
    await refused(page, /not the same/);
    assert.strictEqual(await page.getByLabel('Code of the invitation').inputValue(), name);
    await obeysNothing(page, `joining with ${name}`);
  }

  for (const name of NAMES) {
    await page.goto(`/sign-in?to=${encodeURIComponent(name)}`);
    await obeysNothing(page, `signing in for ${name}`);
    await enter(page, name, name);
    await refused(page, /./);
    assert.strictEqual(await page.getByLabel('E-mail').inputValue(), name);
    await obeysNothing(page, `signing in as ${name}`);
  }
  let stayed = 0;
  for (const place of ELSEWHERE) {
    await page.goto(`/sign-in?to=${encodeURIComponent(place)}`);
    await enter(page, EMAIL, PASSWORD);
    await page.waitForURL(`${BASE}${HOME}`);
    await obeysNothing(page, `after signing in for ${place}`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    stayed += 1;
  }
  return { stayed };
});
