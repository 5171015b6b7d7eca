// A token's life, and that of a team, through types that were generated from openapi.yaml.

import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

type Token = components['schemas']['Token'];

const base = process.env['BASE'] ?? '';
const client = (token: string) => createClient<paths>({ baseUrl: base, headers: { Authorization: token } });

function check(fact: boolean, what: string): void {
  if (!fact) throw new Error(what);
}

async function main(): Promise<void> {
  const owner = client(process.env['TOKEN'] ?? '');
  const policy: components['schemas']['Statement'][] = [{ effect: 'allow', resources: ['role/*'], actions: ['view*'] }];
  const role = await owner.POST('/api/v2/roles', { body: { key: 'viewer', name: 'Viewer', policy } });
  check(role.data?.policy[0]?.effect === 'allow', 'the role');
  const made = await owner.POST('/api/v2/tokens', { body: { name: 'ci', customRoleIds: ['viewer'], serviceToken: true } });
  const token: Token | undefined = made.data;
  if (!token) throw new Error(JSON.stringify(made.error));

  const ci = client(token.token);
  const refused = await ci.POST('/api/v2/roles', { body: { key: 'x', name: 'X', policy: [] } });
  check(refused.response.status === 403 && refused.error?.code === 'forbidden', 'the refusal');
  const path = { id: token._id };
  const renamed = await owner.PATCH('/api/v2/tokens/{id}', { params: { path }, body: [{ op: 'replace', path: '/name', value: 'builder' }] });
  check(renamed.data?.name === 'builder', 'the name');
  const reset = await owner.POST('/api/v2/tokens/{id}/reset', { params: { path } });
  check(reset.data !== undefined && reset.data.token !== token.token, 'the reset');
  const dead = await ci.GET('/api/v2/caller-identity');
  check(dead.response.status === 401, 'the old secret');

  const invited = await owner.POST('/api/v2/members', { body: [{ email: 'ada@acme.example' }] });
  const ada = invited.data?.items[0]?._id ?? '';
  const team = await owner.POST('/api/v2/teams', { params: { query: { expand: 'members' } }, body: { key: 'web', name: 'Web', memberIDs: [ada] } });
  check(team.data?.members?.totalCount === 1, 'the team');
  const log = await owner.GET('/api/v2/auditlog', { params: { query: { limit: 1 } } });
  check(log.data?.items[0]?.kind === 'team', 'the audit log');

  // A semantic patch is told by its media type, which the types name.
  const headers = { 'Content-Type': 'application/json; domain-model=launchdarkly.semanticpatch' } as const;
  const instructions = [{ kind: 'updateName', value: 'Web and mobile' }];
  const patched = await owner.PATCH('/api/v2/teams/{key}', { params: { path: { key: 'web' } }, headers, body: { instructions } });
  check(patched.data?.name === 'Web and mobile', 'the team\'s name');
  const described = await owner.PATCH('/api/v2/roles/{key}', {
    params: { path: { key: 'viewer' } },
    body: { comment: 'why', patch: [{ op: 'add', path: '/description', value: 'Looks at roles' }] },
  });
  check(described.data?.description === 'Looks at roles', 'the role\'s description');
  const promoted = await owner.PATCH('/api/v2/members/{id}', { params: { path: { id: ada } }, body: [{ op: 'replace', path: '/role', value: 'writer' }] });
  check(promoted.data?.role === 'writer', 'the member\'s role');
  const removed = await owner.DELETE('/api/v2/members/{id}', { params: { path: { id: ada } } });
  check(removed.response.status === 204 && removed.response.headers.has('X-Keyledger-Position'), 'the removal');
  // @ts-expect-error there is no such role, and the compiler knows.
  const odd = await owner.POST('/api/v2/tokens', { body: { role: 'emperor' } });
  check(odd.response.status === 400, 'the wrong role');
  const dropped = await owner.DELETE('/api/v2/roles/{key}', { params: { path: { key: 'viewer' } } });
  check(dropped.response.status === 204, 'the deletion of the role');

  const gone = await owner.DELETE('/api/v2/tokens/{id}', { params: { path } });
  check(gone.response.status === 204, 'the deletion');
  const missing = await owner.GET('/api/v2/tokens/{id}', { params: { path } });
  check(missing.error?.code === 'not_found', 'what is missing');
  const list = await owner.GET('/api/v2/tokens', { params: { query: { showAll: true } } });
  console.log(JSON.stringify({ left: list.data?.totalCount }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
