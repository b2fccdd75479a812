import { expect, test } from 'vitest';
import { ApiError } from '../lib/api';
import { Outcome } from './outcome.svelte';

test('says that something is done, or what the server says against it, and forgets what was before', async () => {
  const outcome = new Outcome();
  await outcome.attempt(() => Promise.resolve(), 'Saved.');
  expect([outcome.done, outcome.failure]).toEqual(['Saved.', '']);
  await outcome.attempt(() => Promise.reject(new ApiError(400, 'xres: too small.')), 'Saved.');
  expect([outcome.done, outcome.failure]).toEqual(['', 'xres: too small.']);
  await outcome.attempt(() => Promise.resolve());
  expect([outcome.done, outcome.failure]).toEqual(['', '']);
});

test('does not take a mistake of the page for an answer of the server', async () => {
  await expect(new Outcome().attempt(() => Promise.reject(new TypeError('oops')))).rejects.toThrow(TypeError);
});
