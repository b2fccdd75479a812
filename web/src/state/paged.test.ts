import { describe, expect, test } from 'vitest';
import { ApiError, type Page } from '../lib/api';
import { PagedList } from './paged.svelte';

describe('a long list', () => {
  test('is shown part by part, and begins anew with another search', async () => {
    const asked: [string, number | undefined][] = [];
    const list = new PagedList<string>(async (query, before) => {
      asked.push([query, before]);
      return before === undefined ? { items: ['c', 'b'], next: 2 } : { items: ['a'], next: null };
    });

    await list.look('x');
    expect([list.items, list.more, list.phase]).toEqual([['c', 'b'], true, 'ready']);
    await list.lookFurther();
    expect([list.items, list.more]).toEqual([['c', 'b', 'a'], false]);
    await list.lookFurther();
    await list.look();
    expect(list.items).toEqual(['c', 'b']);
    expect(asked).toEqual([['x', undefined], ['x', 2], ['x', undefined]]);
  });

  test('shows what was looked for last, whichever answer comes last', async () => {
    const answers: ((page: Page<string>) => void)[] = [];
    const list = new PagedList<string>(() => new Promise((answer) => answers.push(answer)));

    const first = list.look('a');
    const second = list.look('ab');
    answers[1]!({ items: ['abba'], next: null });
    answers[0]!({ items: ['alice'], next: null });
    await Promise.all([first, second]);

    expect(list.items).toEqual(['abba']);
  });

  test('says why it could not be had, and keeps what it has', async () => {
    let fails = false;
    const list = new PagedList<string>(async () => {
      if (fails) throw new ApiError(0, 'The server could not be reached.');
      return { items: ['a'], next: null };
    });
    await list.look();

    fails = true;
    await list.look();

    expect([list.phase, list.failure, list.items]).toEqual(['failed', 'The server could not be reached.', ['a']]);
  });
});
