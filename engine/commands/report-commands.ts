import type { CommandSpec } from './command-table.ts';
import { given } from './option-values.ts';
import type { ReportOptions } from './report.ts';

/** The command that makes declared reports. */
export interface ReportOptionsByCommand {
  readonly report: ReportOptions;
}

export const REPORT_COMMANDS: {
  readonly [Name in keyof ReportOptionsByCommand]: CommandSpec<ReportOptionsByCommand[Name]>;
} = {
  report: {
    usage: 'NAME',
    summary: 'how good predictions were: systems against what happened, on the same rows',
    details:
      'What is compared is declared under reports: in pipeline.yaml. Reads published rows and changes nothing.\n' +
      'Systems are measured on the rows that all of them have; --only leaves some out.',
    positionals: { least: 1, most: 1 },
    options: {
      from: {
        type: 'text',
        value: 'DATE',
        description: 'first date (default: the first with rows)',
      },
      to: {
        type: 'text',
        value: 'DATE',
        description: 'last date, included (default: the last with rows)',
      },
      only: {
        type: 'list',
        value: 'SYSTEMS',
        description: 'compare only these systems (default: all)',
      },
      html: { type: 'text', value: 'PATH', description: 'also one page that needs nothing else' },
    },
    examples: [
      'fastbreak report accuracy',
      'fastbreak report accuracy --from 2024-10-22 --html accuracy.html',
      'fastbreak report accuracy --only points_v1,ensemble_v1 --json',
    ],
    read: (values) => {
      const systems = values.list('only');
      return {
        name: values.positionals[0] ?? '',
        ...given({
          from: values.text('from'),
          to: values.text('to'),
          systems: systems.length > 0 ? systems : undefined,
          html: values.text('html'),
        }),
      };
    },
  },
};
