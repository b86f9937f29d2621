import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Puts the project's own command beside those of its packages, so that `npx fastbreak` in a checkout is this very
 * code at once: without the link npx makes an installation of the checkout first.
 */
const bin = resolve(import.meta.dirname, '../node_modules/.bin');
const link = resolve(bin, 'fastbreak');
mkdirSync(bin, { recursive: true });
rmSync(link, { force: true });
symlinkSync('../../cli.ts', link);
