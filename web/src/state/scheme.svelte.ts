/** Whether the page is light or dark, as the device wants it. */
class Scheme {
  light = $state(false);

  constructor() {
    const query = globalThis.matchMedia?.('(prefers-color-scheme: light)');
    if (!query) return;
    this.light = query.matches;
    query.addEventListener('change', () => (this.light = query.matches));
  }
}

export const scheme = new Scheme();
