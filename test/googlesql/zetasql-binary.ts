import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of the package that brings Google's analyzer and reference evaluator as an executable. */
const PACKAGE = dirname(require.resolve('@fivetrandevelopers/zetasql/package.json'));

/** Loads what the package itself depends on: its gRPC client. */
export const requireFromPackage = createRequire(join(PACKAGE, 'package.json'));

/** The folder that the imports of the service's interface are relative to. */
export const PROTOS = join(PACKAGE, 'lib/zetasql/protos');

/** Executables by platform and processor; they are called `.so` on Linux and are none. */
const EXECUTABLES: Readonly<Record<string, string>> = {
  'linux x64': 'remote_server.so',
  'linux arm64': 'remote_server_arm.so',
  'darwin x64': 'remote_server',
  'darwin arm64': 'remote_server_arm',
};

/** The executable for this machine, or why there is none. */
export const serviceBinary = findBinary();

/** What stands behind the name of a test that cannot run on this machine. */
export const skipReason =
  serviceBinary.path === undefined ? ` (skipped: ${serviceBinary.reason})` : '';

function findBinary():
  { readonly path: string } | { readonly path?: undefined; readonly reason: string } {
  const machine = `${process.platform} ${process.arch}`;
  const name = EXECUTABLES[machine];
  if (name === undefined) return { reason: `no analyzer for ${machine}` };
  const path = join(PACKAGE, 'lib/zetasql', name);
  try {
    accessSync(path, constants.X_OK);
    return { path };
  } catch {
    return { reason: `the analyzer for ${machine} is not in the package` };
  }
}
