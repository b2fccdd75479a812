/**
 * Where the site lives. Everything it asks for lies under the document's base, so that a front may serve it
 * below a path prefix by rewriting one tag.
 */

/** The absolute path of something under the base: `sitePath('api/v1/robots')` is `/api/v1/robots`. */
export function sitePath(path: string, base: string = document.baseURI): string {
  return new URL(path, base).pathname;
}

/** The address of a WebSocket under the base: `wss:` where the page came over `https:`. */
export function webSocketUrl(path: string, base: string = document.baseURI): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/**
 * The viewing token in this page's address, with which its owner shares a private robot: as it goes into the addresses of
 * what the page asks for. Empty without one.
 */
export function tokenQuery(search: string = globalThis.location?.search ?? ''): Record<string, string> {
  const token = new URLSearchParams(search).get('token');
  return token ? { token } : {};
}

/** Whether that token is one for spectators, who watch and send nothing: such tokens begin with an `s`. */
export function spectates(search?: string): boolean {
  return tokenQuery(search)['token']?.startsWith('s') === true;
}

/** The page of a robot. */
export function robotPath(handle: string): string {
  return sitePath(`robot/${encodeURIComponent(handle)}`);
}

/** What a robot sees, as a still picture of a few seconds ago. Another `turn` is another address of the same. */
export function snapshotPath(handle: string, turn = 0): string {
  return sitePath(`snapshot/${encodeURIComponent(handle)}.jpg`) + (turn > 0 ? `?turn=${turn}` : '');
}

/** One camera's feed at the relay. */
export function feedUrl(kind: 'video' | 'audio', handle: string, cameraId: number, relay = 'relay'): string {
  return webSocketUrl(`${relay}/${kind}/${encodeURIComponent(handle)}/${cameraId}${asQuery(tokenQuery())}`);
}

/** `?name=value`, or nothing. */
export function asQuery(parameters: Record<string, string>): string {
  const query = new URLSearchParams(parameters).toString();
  return query && `?${query}`;
}
