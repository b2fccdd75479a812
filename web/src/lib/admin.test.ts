import { describe, expect, test } from 'vitest';
import { readAccount } from './admin';
import { readPage } from './api';

describe('an account in the list', () => {
  test('is read with what keeps it away', () => {
    const account = {
      username: 'mallory',
      administrator: false,
      created_at: '2026-11-01T10:00:00Z',
      signed_in_at: '2026-11-02T10:00:00Z',
      robots: 2,
      ban: { id: 7, reason: 'spam', until: null },
    };
    expect(readAccount(account)).toEqual({
      name: 'mallory',
      administrator: false,
      createdAt: '2026-11-01T10:00:00Z',
      signedInAt: '2026-11-02T10:00:00Z',
      robots: 2,
      ban: { id: 7, reason: 'spam', until: null },
    });
  });

  test('is no administrator and not kept away when nothing says so', () => {
    expect(readAccount({ username: 'a', ban: null })).toMatchObject({ administrator: false, signedInAt: null, robots: 0, ban: null });
  });

  test('stands in a part that says whether there is more', () => {
    expect(readPage({ accounts: [{ username: 'a' }], next: 12 }, 'accounts', readAccount).next).toBe(12);
    expect(readPage({ accounts: [], next: null }, 'accounts', readAccount)).toEqual({ items: [], next: null });
    expect(readPage(null, 'accounts', readAccount)).toEqual({ items: [], next: null });
  });
});
