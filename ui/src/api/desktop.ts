/**
 * What only the desktop window can do. In a browser, and in a window that is older than a command, the answer is
 * `null`, and whatever depends on it is not shown.
 */
async function invoke(command: string, payload: Record<string, unknown> = {}): Promise<{ answer: unknown } | null> {
  try {
    const internals = window.__TAURI_INTERNALS__;
    return internals ? { answer: await internals.invoke(command, payload) } : null;
  } catch {
    return null;
  }
}

export const inWindow = (): boolean => window.__TAURI_INTERNALS__ !== undefined;

/** Whether Evenkeel starts at login. */
export async function startsAtLogin(): Promise<boolean | null> {
  const said = await invoke('autostart_state');
  return typeof said?.answer === 'boolean' ? said.answer : null;
}

/** Turns it on or off; what holds afterwards. */
export async function startAtLogin(on: boolean): Promise<boolean | null> {
  return (await invoke('autostart', { on })) === null ? null : startsAtLogin();
}

/** Shows one notification; true if the system took it. */
export async function testNotice(): Promise<boolean> {
  return (await invoke('test_notice')) !== null;
}
