/** Reads the address of a page that shows a picture alone; null when it is none. `base` has its closing slash. */
export function parseFullView(pathname: string, base: string): { handle: string; hasSound: boolean } | null {
  if (!pathname.startsWith(base)) return null;
  const [kind, handle, more] = pathname.slice(base.length).replace(/\/$/, '').split('/');
  if ((kind !== 'fullview' && kind !== 'fullview_audio') || !handle || more !== undefined) return null;
  try {
    return { handle: decodeURIComponent(handle), hasSound: kind === 'fullview_audio' };
  } catch {
    return null; // a stray percent sign is no handle
  }
}
