/** The pages of the site and their addresses. */

export type Route =
  | { page: 'home' }
  | { page: 'robot'; handle: string }
  | { page: 'settings'; handle: string }
  | { page: 'sign-in' }
  | { page: 'sign-up' }
  | { page: 'account' }
  | { page: 'help' }
  | { page: 'missing'; path: string };

/** Reads an address. `base` is the path that the site is served under, with its closing slash. */
export function parseRoute(pathname: string, base: string): Route {
  const missing: Route = { page: 'missing', path: pathname };
  if (pathname === base || `${pathname}/` === base) return { page: 'home' };
  if (!pathname.startsWith(base)) return missing;

  const parts = pathname.slice(base.length).replace(/\/$/, '').split('/');
  const [first, handle, third] = parts;
  if (parts.length === 1 && (first === 'sign-in' || first === 'sign-up' || first === 'account' || first === 'help')) return { page: first };
  if (parts.length > 3 || first !== 'robot' || !handle || (parts.length === 3 && third !== 'settings')) return missing;
  try {
    return { page: third ? 'settings' : 'robot', handle: decodeURIComponent(handle) };
  } catch {
    return missing; // a stray percent sign is no handle
  }
}
