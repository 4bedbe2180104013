/** The router's state as text for a report: who, how, what is wrong. Nothing of a key, a prompt or an answer. */
import type { ConfigView, KeyRow, Problem, Status } from '../api/shapes.ts';

/** `Line 14, routes[0].retrys: no such setting.` */
export function problemWhere(problem: Problem): string {
  const where = [problem.line > 0 ? `line ${problem.line}` : '', problem.key].filter((part) => part !== '');
  return where.join(', ');
}

export function diagnostics(status: Status, config: ConfigView | null, keys: KeyRow[] | null, browser: string, now: Date): string {
  const running = [status.kind ?? 'not running', status.pid === null ? '' : `process ${status.pid}`, status.uptime_s === null ? '' : `up ${status.uptime_s} s`];
  const modes = [
    status.practice ? 'practice' : '', status.offline ? 'offline' : '', status.bypass.on ? `bypass by ${status.bypass.source ?? 'nobody'}` : '',
    status.force ? `everything to ${status.force}` : '', status.frozen ? 'frozen' : '',
  ].filter((mode) => mode !== '');
  return `${[
    `Evenkeel ${status.version}, ${now.toISOString()}`,
    `Router: ${running.filter((part) => part !== '').join(', ')}, listens on ${status.listen}`,
    `State: ${status.state}, serving ${status.serving ?? 'nobody yet'}`,
    `Modes: ${modes.length === 0 ? 'none' : modes.join(', ')}`,
    ...status.providers.flatMap((p) => {
      const source = keys?.find((k) => k.provider === p.name)?.source;
      const from = source === undefined || source === 'none' ? '' : ` from ${source}`;
      return [
        `Provider ${p.name}: ${p.role ?? 'in no route'}, ${p.dialects.join(' and ')}, key ${p.key}${from}`,
        ...p.breakers.map((b) => `  ${b.model ?? 'every model'}: ${b.state}${b.reason ? `, ${b.reason}` : ''}`),
      ];
    }),
    ...(config === null ? [] : [`Settings file: ${config.file}${config.exists ? '' : ' (not there)'}`]),
    ...(config?.problems.map((p) => `  ${p.severity}, ${problemWhere(p)}: ${p.message}`) ?? []),
    ...((config?.config_error ?? status.config_error) === null ? [] : ['  The file is not in force; the settings before it are.']),
    `Browser: ${browser}`,
  ].join('\n')}\n`;
}
