import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectSound } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { ORDERS_CSV, SHOP } from '../support/shop-project.ts';

/** One date grows to a hundred thousand orders, several megabytes in the warehouse. */
function manyOrders(): string {
  const lines = Array.from(
    { length: 100_000 },
    (_, i) => `${i + 100},2024-01-05,${(i * 2_654_435_761) % 4_294_967_296},${(i * 7919) % 99_991}`,
  );
  return `${ORDERS_CSV}${lines.join('\n')}\n`;
}

test.skipIf(!canMount())(
  'a full disk fails what did not fit, keeps what was there, and space mends it (needs the right to mount)',
  async () => {
    await using rig = await Rig.create(SHOP);
    mkdirSync(rig.home);
    mount(rig.home, '3m');
    try {
      expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
      const before = await expectSound(rig);
      await rig.write('data/orders.csv', manyOrders());
      const full = await rig.run('materialize', '--quiet');
      expect([1, 2]).toContain(full.code);
      expect(full.stdout + full.stderr).toMatch(/DISK_FULL|no space left/i);
      expect(full.stdout + full.stderr).toMatch(/free some/i);
      expect(full.stdout + full.stderr).not.toMatch(/^\s+at |Internal error/m);
      const after = await expectSound(rig);
      expect(after).toEqual(before);
      execFileSync('mount', ['-o', 'remount,size=200m', rig.home]);
      expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
      expect((await expectSound(rig)).rows['shop_raw.orders']).toHaveLength(100_008);
    } finally {
      execFileSync('umount', ['-l', rig.home]);
    }
  },
);

test.skipIf(!canMount()).each([0, 60, 300])(
  'with %d KB left the run stops with one message, and space mends it (needs the right to mount)',
  async (freeKb) => {
    await using rig = await Rig.create(SHOP);
    mkdirSync(rig.home);
    mount(rig.home, '8m');
    try {
      expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
      await rig.edit('data/orders.csv', '4,2024-01-04,teapot,34.50', '4,2024-01-04,teapot,35.50');
      const { bavail, bsize } = statfsSync(rig.home);
      writeFileSync(join(rig.home, 'ballast'), Buffer.alloc(bavail * bsize - freeKb * 1024));
      const { code, stdout, stderr } = await rig.run('materialize', '--quiet');
      expect([1, 2]).toContain(code);
      expect(stdout + stderr).toMatch(/no space left|DISK_FULL/i);
      expect(stdout + stderr).not.toMatch(/^\s+at |Internal error/m);
      rmSync(join(rig.home, 'ballast'));
      expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
      const { rows } = await expectSound(rig);
      expect(rows['shop_raw.orders']?.join()).toContain('35.5');
    } finally {
      execFileSync('umount', ['-l', rig.home]);
    }
  },
);

describe('a limit on the size of files, as a full disk is for those who cannot mount', () => {
  test.each([
    ['from the first file on', 8],
    ['in the middle of the warehouse', 1000],
  ])('%s: one message, and the next run without it does everything', async (_, blocks) => {
    await using rig = await Rig.create(SHOP);
    await rig.write('data/orders.csv', manyOrders());
    const limited = { shell: `ulimit -f ${blocks}` };
    const { code, stdout, stderr } = await rig.runWith(limited, 'materialize', '--quiet');
    expect([1, 2]).toContain(code);
    expect(stdout + stderr).not.toMatch(/^\s+at |Internal error/m);
    expect(stdout + stderr).toMatch(/disk|space|write|File too large/i);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect((await expectSound(rig)).rows['shop_raw.orders']).toHaveLength(100_008);
  });
});

describe('FASTBREAK_HOME that cannot be written', () => {
  test('under a file: materialize says so before anything runs, reading commands still answer', async () => {
    await using rig = await Rig.create({ ...SHOP, afile: 'a file' });
    const env = { FASTBREAK_HOME: rig.path('afile', 'home') };
    const { code, stdout, stderr } = await rig.runWith({ env }, 'materialize');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`state database ${rig.path('afile', 'home', 'state.sqlite')}`);
    expect(stderr).toContain('set FASTBREAK_HOME to a folder that can be written');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await rig.runWith({ env }, 'compile')).toMatchObject({ code: 0 });
    expect(await rig.runWith({ env }, 'status')).toMatchObject({ code: 0 });
  });

  test('a file in its place is named', async () => {
    await using rig = await Rig.create({ ...SHOP, home: 'a file' });
    const { code, stderr } = await rig.run('materialize');
    expect(code).toBe(2);
    expect(stderr).toMatch(/state database .*home.*FASTBREAK_HOME/s);
    expect(await rig.read('home')).toBe('a file');
  });

  test('folders where the files should be are named', async () => {
    await using rig = await Rig.create(SHOP);
    mkdirSync(rig.path('home/warehouse.duckdb'), { recursive: true });
    const warehouse = await rig.run('materialize', '--quiet');
    expect(warehouse.code).toBe(2);
    expect(warehouse.stderr).toMatch(/the warehouse .*warehouse\.duckdb cannot be opened/);
    rmSync(rig.home, { recursive: true });
    mkdirSync(rig.path('home/state.sqlite'), { recursive: true });
    const state = await rig.run('materialize', '--quiet');
    expect(state.code).toBe(2);
    expect(state.stderr).toContain('expected a file, found a folder');
  });

  test.skipIf(!canMount())(
    'a disk that can only be read: status answers from it, materialize refuses (needs the right to mount)',
    async () => {
      await using rig = await Rig.create(SHOP);
      mkdirSync(rig.home);
      mount(rig.home, '20m');
      try {
        expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
        const before = await expectSound(rig);
        execFileSync('mount', ['-o', 'remount,ro', rig.home]);
        expect(await rig.run('status')).toMatchObject({ code: 0 });
        const refused = await rig.run('materialize', '--force', '--quiet');
        expect(refused).toMatchObject({ code: 2, stdout: '' });
        expect(refused.stderr).toMatch(/cannot be (read and )?written/);
        execFileSync('mount', ['-o', 'remount,rw', rig.home]);
        expect(await expectSound(rig)).toEqual(before);
      } finally {
        execFileSync('umount', ['-l', rig.home]);
      }
    },
  );
});

function mount(folder: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    writeFileSync(join(folder, 'probe'), '');
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
