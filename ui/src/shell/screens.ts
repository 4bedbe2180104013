import type { Screen } from '../state/route.svelte.ts';

/** The screens with the keys that open them. One joins this list when it exists, so that nothing here leads nowhere. */
export const SCREENS: readonly { screen: Screen; label: string; key: string }[] = [
  { screen: 'overview', label: 'Overview', key: '1' },
  { screen: 'requests', label: 'Requests', key: '2' },
  { screen: 'providers', label: 'Providers', key: '3' },
  { screen: 'drill', label: 'Drill', key: '4' },
  { screen: 'kit', label: 'SLO kit', key: '5' },
  { screen: 'settings', label: 'Settings', key: ',' },
];
