import { describe, expect, test } from 'vitest';
import { readChatRules, readEntry } from './moderation';

describe('the rules of a chat', () => {
  test('are read', () => {
    const rules = { slow_mode_seconds: 30, links: 'accounts', words: ['bad', 7, ''], speech_delay_seconds: 5 };
    expect(readChatRules(rules)).toEqual({ slow_mode_seconds: 30, links: 'accounts', words: ['bad'], speech_delay_seconds: 5 });
  });

  test('are those of a new robot where nothing is said', () => {
    expect(readChatRules({ links: 'sometimes' })).toEqual({ slow_mode_seconds: 0, links: 'everyone', words: [], speech_delay_seconds: 0 });
  });
});

test('an entry of the log is read, also one without a line and an end', () => {
  expect(readEntry({ id: 3, at: '2026-11-01T10:00:00Z', by: 'alice', action: 'lift', name: 'mallory', until: null })).toEqual({
    id: 3,
    at: '2026-11-01T10:00:00Z',
    by: 'alice',
    action: 'lift',
    name: 'mallory',
    message: '',
    reason: '',
    until: null,
  });
});
