// The two pages that an account's owner sees.

// authorize shows the page that is next, or takes what was answered on it.
export async function authorize(provider, owners, answer, req, res) {
  const { prompt, params, session } = await provider.interactionDetails(req, res);
  const show = (page) => res.writeHead(200, { 'content-type': 'text/html' }).end(page);
  if (req.method !== 'POST') {
    show(prompt.name === 'login' ? login() : consent(session.accountId, params));
  } else if (prompt.name !== 'login') {
    await provider.interactionFinished(req, res, await decide(provider, owners, answer, params, session.accountId));
  } else if (owners.users.includes(answer.user)) {
    await provider.interactionFinished(req, res, { login: { accountId: answer.user } });
  } else {
    show(login('<p id="error">There is no such account.'));
  }
}

async function decide(provider, owners, answer, params, user) {
  if (answer.answer !== 'allow') return { error: 'access_denied', error_description: 'the user denied it' };
  const ticked = [].concat(answer.scope ?? []);
  const [granted, rejected] = [true, false].map((wanted) => params.scope.split(' ')
    .filter((scope) => (isSilent(scope) || ticked.includes(scope)) === wanted).join(' '));
  const grant = new provider.Grant({ accountId: user, clientId: params.client_id });
  grant.addOIDCScope(granted);
  grant.rejectOIDCScope(rejected);
  grant.addOIDCClaims(['sub', 'email', 'email_verified']);
  const id = await grant.save();
  owners.grants.push({ id, user, offline: params.access_type === 'offline' });
  return { consent: { grantId: id } };
}

// isSilent tells the scopes that have no box to tick.
const isSilent = (scope) => scope === 'openid' || scope === 'email';

const page = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1><form method="post">${body}</form></html>`;

const login = (error = '') => page('Sign in', `${error}<p><input name="user" type="email" autofocus> <button id="next">Next</button>`);

const consent = (user, params) => page('Postroom wants to', `<p>as ${user}:${params.scope.split(' ')
  .filter((scope) => !isSilent(scope)).map((scope) => `
  <p><label><input type="checkbox" name="scope" value="${scope}" checked> ${scope}</label>`).join('')}
  <p><button name="answer" value="deny">Cancel</button> <button name="answer" value="allow">Continue</button>`);
