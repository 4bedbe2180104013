/** The base addresses that tools are given, from where the router listens. */

/** A router that listens everywhere is reached on this machine by its loopback address. */
export function reachable(listen: string): string {
  return listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}

export function baseUrls(listen: string): { openai: string; anthropic: string } {
  const root = `http://${reachable(listen)}`;
  return { openai: `${root}/v1`, anthropic: root };
}
