/** Whether the first steps were seen; remembered on this machine, for it is about this screen. */
const KEY = 'evenkeel.welcome';

export function seenWelcome(): boolean {
  try {
    return localStorage.getItem(KEY) === 'seen';
  } catch {
    return true;
  }
}

export function forgetWelcome(): void {
  try {
    localStorage.setItem(KEY, 'seen');
  } catch {
    // They are offered again, which does no harm.
  }
}
