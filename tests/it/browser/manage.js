// The overflow menu of a token: cloned, reset with and without grace, and deleted; each asks first.
const assert = require('node:assert');
const { scenario, signIn, works } = require('./support');
const { HOME, cell, choose, deleted, refused, row, save, taken } = require('./steps');

scenario(async ({ open }) => {
  const page = await open();
  await signIn(page);
  await save(page, { name: 'Nightly', role: 'writer' });
  const first = await taken(page);

  await choose(page, 'Nightly', 'Clone');
  assert.strictEqual(await page.getByLabel('Name', { exact: true }).inputValue(), 'Nightly (copy)');
  await page.getByRole('button', { name: 'Clone token' }).click();
  await page.getByRole('heading', { name: 'Nightly (copy) was cloned' }).waitFor();
  const clone = await taken(page);
  assert.notStrictEqual(clone, first);
  for (const column of ['Scope', 'May do now']) {
    await cell(row(page, 'Nightly (copy)'), column).getByText('writer', { exact: true }).waitFor();
  }

  // Another name loses nothing.
  await choose(page, 'Nightly', 'Reset');
  await page.getByLabel('Hours to keep the old token active').fill('2');
  await page.getByLabel('to confirm').fill('nightly');
  await page.getByRole('button', { name: 'Reset token' }).click();
  await refused(page, /type the token's name to confirm/);
  assert.strictEqual(await page.getByLabel('Hours to keep').inputValue(), '2', 'what was typed stays');
  assert.strictEqual(await works(first), 200);
  await page.getByLabel('to confirm').fill('Nightly');
  await page.getByRole('button', { name: 'Reset token' }).click();
  await page.getByRole('heading', { name: 'Nightly was reset' }).waitFor();
  const second = await taken(page);
  const graced = [await works(first), await works(second)];
  await row(page, 'Nightly').getByText(`…${second.slice(-4)}`).waitFor();

  await choose(page, 'Nightly', 'Reset');
  await page.getByLabel('Hours to keep the old token active').fill('0');
  await page.getByLabel('to confirm').fill('Nightly');
  await page.getByRole('button', { name: 'Reset token' }).click();
  const third = await taken(page);
  const reset = [await works(first), await works(second), await works(third)];

  await choose(page, 'Nightly', 'Delete');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.waitForURL(`**${HOME}`);
  await choose(page, 'Nightly', 'Delete');
  await page.getByRole('heading', { name: 'Delete Nightly' }).waitFor();
  const asks = page.url();
  await page.getByLabel('to confirm').fill('Nightly (copy)');
  await page.getByRole('button', { name: 'Delete token' }).click();
  await refused(page, /type the token's name to confirm/);
  assert.strictEqual(await works(third), 200);
  await page.getByLabel('to confirm').fill('Nightly');
  await page.getByRole('button', { name: 'Delete token' }).click();
  await deleted(page);
  assert.strictEqual(await row(page, 'Nightly').count(), 0);
  const left = [await works(third), await works(clone)];

  // A page of what is gone says so.
  await page.goto(asks);
  await refused(page, /./);
  return { graced, reset, deleted: left };
});
