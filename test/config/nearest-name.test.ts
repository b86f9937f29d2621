import { expect, test } from 'vitest';
import { didYouMean, nearestName } from '../../engine/util/nearest-name.ts';

const NAMES = ['player_box', 'player_game_summary', 'schedule', 'shots'];

test.each([
  ['plyer_box', 'player_box'],
  ['playerbox', 'player_box'],
  ['Player_Box', 'player_box'],
  ['palyer_box', 'player_box'],
  ['shot', 'shots'],
  ['shedule', 'schedule'],
  ['player_summary', 'player_game_summary'],
  ['xyz', undefined],
  ['', undefined],
])('%s means %s', (name, expected) => {
  expect(nearestName(name, NAMES)).toBe(expected);
});

test('a message without a near name says nothing more', () => {
  expect(didYouMean('plyer_box', NAMES)).toBe(', did you mean "player_box"?');
  expect(didYouMean('weather', NAMES)).toBe('');
});
