// Pictures of the console for the documentation. `scripts/screenshots` starts a server and runs this against it.
const { stat } = require('node:fs/promises');
const { join } = require('node:path');
const { BASE, SIZES, launch, signIn } = require('./support');
const believable = require('./believable');
const { fill } = require('./pages');
const { HOME, row, save, secret } = require('./steps');

/** A page of the documentation loads several. */
const BYTES_MAX = 200_000;
const SETTLED_MS = 2_500;

// A new picture is a line here; `then` is what is done on the page before it is taken.
const PICTURES = [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'tokens', path: HOME },
  { name: 'tokens-dark', path: HOME, colorScheme: 'dark' },
  { name: 'tokens-narrow', path: HOME, size: 'narrow' },
  { name: 'token', path: `${HOME}/tokens/{token}?action=updateOn&resource=proj/web:env/production:flag/dark-mode`, whole: true },
  { name: 'overview', path: '/settings/overview?changes=count', whole: true },
  { name: 'members', path: '/settings/members' },
  { name: 'member', path: '/settings/members/{member}', then: look },
  { name: 'member-remove', path: '/settings/members/{member}/remove' },
  { name: 'roles', path: '/settings/roles' },
  { name: 'role', path: '/settings/roles/role/{role}', then: mistype, whole: true },
  { name: 'team', path: '/settings/teams/team/{team}' },
  { name: 'audit', path: '/settings/audit' },
  { name: 'sessions', path: '/settings/sessions' },
  { name: 'token-menu', path: HOME, then: openMenu },
  { name: 'token-new', path: `${HOME}/tokens/new` },
  { name: 'token-secret', path: HOME, then: makeToken },
  { name: 'token-reset', path: `${HOME}/tokens/{token}/reset` },
  { name: 'token-delete', path: `${HOME}/tokens/{token}/delete` },
];

async function openMenu(page) {
  await row(page, 'Terraform, production').getByLabel('Actions for Terraform, production').click();
}

async function look(page) {
  await page.getByLabel('Role', { exact: true }).selectOption('no_access');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await page.getByRole('heading', { name: 'What would change' }).waitFor();
}

async function mistype(page) {
  const policy = page.getByLabel('Policy', { exact: true });
  await policy.fill((await policy.inputValue()).replace('proj/', 'pro j/'));
  await page.getByText(/Line \d/).waitFor();
}

async function makeToken(page) {
  await save(page, { name: 'Deploy preview', role: 'writer', service: true });
  await secret(page);
}

async function main() {
  const ids = await believable.fill();
  // Uses are written down once a second.
  await new Promise((done) => { setTimeout(done, SETTLED_MS); });
  const browser = await launch();
  try {
    const context = await browser.newContext({ baseURL: BASE, viewport: SIZES.wide });
    await signIn(await context.newPage());
    for (const { name, path, size = 'wide', colorScheme = 'light', then, whole = false } of PICTURES) {
      const page = await context.newPage();
      await page.setViewportSize(SIZES[size]);
      await page.emulateMedia({ colorScheme });
      await page.goto(fill(path, ids));
      if (then) await then(page);
      const file = join(process.env.FOLDER, `${name}.png`);
      await page.screenshot({ path: file, fullPage: whole });
      const { size: bytes } = await stat(file);
      if (bytes > BYTES_MAX) throw new Error(`${file} has ${bytes} bytes`);
      console.log(`${file}: ${Math.ceil(bytes / 1000)} KB`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
