// The pages of the console, for the scenarios that look at all of them. A new page is a line here.
// `{token}`, `{role}`, `{member}`, `{team}` and `{entry}` stand for the id or the key of one that is there.
const PAGES = [
  '/settings/authorization',
  '/settings/authorization?offset=50',
  '/settings/authorization?offset=99999',
  '/settings/authorization?q=a&kind=service&sort=name',
  '/settings/authorization/tokens/new',
  '/settings/authorization/tokens/{token}/clone',
  '/settings/authorization/tokens/{token}/reset',
  '/settings/authorization/tokens/{token}/delete',
  '/settings/authorization/tokens/{token}',
  '/settings/authorization/tokens/{token}?action=viewProject&resource=proj/web',
  '/settings/overview',
  '/settings/members',
  '/settings/members/new',
  '/settings/members/{member}',
  '/settings/members/{member}/remove',
  '/settings/roles',
  '/settings/roles/new',
  '/settings/roles/role/{role}',
  '/settings/roles/role/{role}/delete',
  '/settings/teams',
  '/settings/teams/new',
  '/settings/teams/team/{team}',
  '/settings/audit',
  '/settings/audit?q=a&from=2026-01-01',
  '/settings/audit/{entry}',
  '/settings/sessions',
  '/settings/nothing',
  '/invitation',
  '/sign-in',
];

/** A path with the ids and keys filled in. */
const fill = (path, ids) => path.replace(/\{(\w+)\}/g, (_, name) => {
  if (!ids[name]) throw new Error(`${path} needs a ${name}`);
  return encodeURIComponent(ids[name]);
});

/** All pages with the ids and keys filled in. */
const pages = (ids) => PAGES.map((path) => fill(path, ids));

module.exports = { fill, pages };
