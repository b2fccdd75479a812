/** The pages of the site and their addresses. */

export type Route =
  | { page: 'home' }
  | { page: 'robot'; handle: string }
  | { page: 'settings'; handle: string }
  | { page: 'moderation'; handle: string }
  | { page: 'sign-in' }
  | { page: 'sign-up' }
  | { page: 'account' }
  | { page: 'help' }
  | { page: 'admin' }
  | { page: 'missing'; path: string };

const pages = ['sign-in', 'sign-up', 'account', 'help', 'admin'] as const;
const pagesOfRobot = ['settings', 'moderation'] as const;

/** Reads an address. `base` is the path that the site is served under, with its closing slash. */
export function parseRoute(pathname: string, base: string): Route {
  const missing: Route = { page: 'missing', path: pathname };
  if (pathname === base || `${pathname}/` === base) return { page: 'home' };
  if (!pathname.startsWith(base)) return missing;

  const parts = pathname.slice(base.length).replace(/\/$/, '').split('/');
  const [first, handle, third] = parts;
  const page = pages.find((name) => name === first);
  if (parts.length === 1 && page) return { page };
  const ofRobot = pagesOfRobot.find((name) => name === third);
  if (parts.length > 3 || first !== 'robot' || !handle || (parts.length === 3 && !ofRobot)) return missing;
  try {
    return { page: ofRobot ?? 'robot', handle: decodeURIComponent(handle) };
  } catch {
    return missing; // a stray percent sign is no handle
  }
}
