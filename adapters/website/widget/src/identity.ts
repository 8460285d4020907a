// What a signed identity says can be read by everybody. Only the server knows whether it is true.
interface Claims {
  sub?: unknown;
  exp?: unknown;
}

function claims(identity: string): Claims {
  try {
    return JSON.parse(atob(identity.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return {};
  }
}

/** owner names in stored keys whom an identity speaks of; it holds no colon. */
export function owner(identity: string): string {
  return '@' + encodeURIComponent(String(claims(identity).sub ?? identity));
}

/** reason tells the site's developer why an identity may have been refused. */
export function reason(identity: string, detail: string): string {
  const { exp } = claims(identity);
  return Number(exp) * 1000 <= Date.now() ? 'it has expired.' : detail + ' The server’s log says why.';
}
