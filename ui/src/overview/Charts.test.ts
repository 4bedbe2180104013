import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import App from '../App.svelte';
import type { ChartView } from '../api/shapes.ts';
import { FakeRouter } from '../test/router.ts';
import { row } from '../test/samples.ts';

const user = userEvent.setup();

function view(over: Partial<ChartView> = {}): ChartView {
  return {
    title: 'How many failures can you still afford?', description: '18 of 42 left', empty: false,
    svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 728 136" role="img" aria-labelledby="chart-budget-title"><title id="chart-budget-title">Drawn</title></svg>',
    columns: ['When (UTC)', 'What failed', 'Failures', 'Left after it'], rows: [['6 Nov 10:42', 'provider outage', '8', '18']],
    marks: [{ x: 300, at: '2026-11-06T10:42:00Z', kind: 'failover', text: '6 Nov 10:42: Switched to practice-b.' }], ...over,
  };
}

function open(chart: ChartView | null) {
  const router = new FakeRouter();
  router.rows = [row()];
  router.chart = chart;
  render(App, { props: { transport: router } });
  return router;
}

const section = async () => within(await screen.findByRole('region', { name: 'How many failures can you still afford?' }));

it('the drawing has a table twin, reached by keyboard', async () => {
  open(view());
  const charts = await section();
  expect(await charts.findByRole('img', { name: 'Drawn' })).toBeInTheDocument();
  const twin = charts.getByRole('button', { name: 'Table' });
  twin.focus();
  await user.keyboard('{Enter}');
  expect(charts.getAllByRole('columnheader').map((head) => head.textContent)).toEqual(view().columns);
  expect(charts.getByRole('row', { name: '6 Nov 10:42 provider outage 8 18' })).toBeVisible();
  expect(charts.queryByRole('img', { name: 'Drawn' })).toBeNull();
});

it('what is marked is told to whoever points at it or comes by with the keyboard', async () => {
  open(view());
  const charts = await section();
  const mark = await charts.findByRole('button', { name: '6 Nov 10:42: Switched to practice-b.' });
  expect(charts.getByText(/hatched: not running/)).toBeVisible();
  mark.focus();
  expect(await charts.findByText('6 Nov 10:42: Switched to practice-b.')).toBeVisible();
  mark.blur();
  expect(await charts.findByText(/hatched: not running/)).toBeVisible();
});

it('a promise’s card leads to its chart, and another time is asked for as it is', async () => {
  const router = open(view());
  await user.click(await screen.findByRole('button', { name: 'Show p95 latency over time' }));
  const charts = await section();
  expect(charts.getByRole('combobox', { name: 'Chart' })).toHaveValue('p95');
  expect(charts.getByRole('combobox', { name: 'Chart' })).toHaveFocus();
  await waitFor(() => expect(router.count('/api/charts/p95.json?slo=Everything&window=30d')).toBe(1));
  await user.selectOptions(charts.getByRole('combobox', { name: 'Time' }), '24h');
  await waitFor(() => expect(router.count('/api/charts/p95.json?slo=Everything&window=24h')).toBe(1));
});

it('what a chart marks is part of what happened, without the date twice', async () => {
  open(view());
  const happened = within(await screen.findByRole('region', { name: 'What happened' }));
  expect(await happened.findByText('Switched to practice-b.')).toBeVisible();
});

it('nothing measured yet is said, and an older router has no chart', async () => {
  open(view({ empty: true, rows: [], marks: [] }));
  const charts = await section();
  await user.click(await charts.findByRole('button', { name: 'Table' }));
  expect(charts.getByText('Not measured yet.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /over time/ })).toBeNull();
});

it('without a chart its words stand alone', async () => {
  open(null);
  expect(await screen.findByText('18 of 42 failures left.')).toBeVisible();
  expect(screen.queryByRole('img', { name: 'Drawn' })).toBeNull();
});
