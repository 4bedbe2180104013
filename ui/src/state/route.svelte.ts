/** Which screen is open, kept in the address's fragment so that it survives a reload and works in the desktop window. */

export type Screen = 'overview' | 'requests' | 'providers' | 'drill' | 'kit' | 'settings' | 'welcome';

const OTHERS: readonly string[] = ['providers', 'drill', 'kit', 'settings', 'welcome'] satisfies Screen[];

export interface Place {
  screen: Screen;
  /** The request open in the pane. */
  request: string | null;
}

export function readPlace(hash: string): Place {
  const [screen, id] = hash.replace(/^#\/?/, '').split('/');
  if (screen === 'requests') return { screen, request: id ? decode(id) : null };
  return { screen: OTHERS.includes(screen ?? '') ? (screen as Screen) : 'overview', request: null };
}

export function href(screen: Screen, request: string | null = null): string {
  return request === null ? `#/${screen}` : `#/${screen}/${encodeURIComponent(request)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class Route {
  place: Place = $state(readPlace(location.hash));

  listen(): () => void {
    const read = () => (this.place = readPlace(location.hash));
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }

  go(screen: Screen, request: string | null = null): void {
    const to = href(screen, request);
    // Walking through a list with the arrow keys should not fill the history.
    if (screen === this.place.screen) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    this.place = { screen, request };
  }
}
