import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or the one that CHROMIUM names. */
export const CHROMIUM = [process.env['CHROMIUM'] ?? '', ...PLACES].find((path) => existsSync(path));

/** Goes into the names of tests that need it. */
export const WITHOUT_CHROMIUM =
  CHROMIUM === undefined ? ' (skipped: there is no chromium here; CHROMIUM names one)' : '';
