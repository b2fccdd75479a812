import { parseRoute, type Route } from '../lib/route';
import { sitePath } from '../lib/site';

/** The page that is shown, kept in step with the address bar. */
class Router {
  route = $state<Route>(this.#read());

  /** Follows links and the back button. Returns what undoes it. */
  start(): () => void {
    const followBack = () => (this.route = this.#read());
    const followLink = (event: MouseEvent) => this.#followLink(event);
    window.addEventListener('popstate', followBack);
    document.addEventListener('click', followLink);
    return () => {
      window.removeEventListener('popstate', followBack);
      document.removeEventListener('click', followLink);
    };
  }

  go(path: string): void {
    history.pushState(null, '', path);
    this.route = this.#read();
    window.scrollTo(0, 0);
  }

  #read(): Route {
    return parseRoute(location.pathname, sitePath('.'));
  }

  /** A plain click on a link of ours changes the page; with a modifier key it stays the browser's. */
  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (parseRoute(link.pathname, sitePath('.')).page === 'missing') return;
    event.preventDefault();
    this.go(link.pathname);
  }
}

export const router = new Router();
