/** What each provider's last test came to. Kept beyond a screen, so that it is still there when one comes back. */
import type { ProviderTest } from '../api/shapes.ts';

export interface Tested {
  test: ProviderTest;
  at: Date;
}

export class TestResults {
  #last: Record<string, Tested> = $state.raw({});

  of(provider: string): Tested | null {
    return this.#last[provider] ?? null;
  }

  remember(provider: string, tested: Tested | null): void {
    const { [provider]: _, ...others } = this.#last;
    this.#last = tested ? { ...others, [provider]: tested } : others;
  }
}
