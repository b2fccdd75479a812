// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maxChatLength } from '../lib/chat';
import type { ChatRoom } from '../state/chat.svelte';
import ChatComposer from './ChatComposer.svelte';

let said: string[];
let answer: string | null;
let component: Record<string, unknown>;

const input = () => document.querySelector('input')!;
const button = () => document.querySelector('button')!;

function type(text: string) {
  input().value = text;
  input().dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

async function send() {
  document.querySelector('form')!.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
  await Promise.resolve();
  await Promise.resolve();
  flushSync();
}

/** `wait`: seconds until somebody may say more. */
function open(wait: number) {
  const room = {
    slowMode: 30,
    wait,
    say: (text: string) => {
      said.push(text);
      return Promise.resolve(answer);
    },
  };
  component = mount(ChatComposer, { target: document.body, props: { room: room as unknown as ChatRoom, robotName: 'Rover' } });
  flushSync();
}

beforeEach(() => {
  said = [];
  answer = null;
  open(0);
});

afterEach(() => unmount(component));

test('what was sent leaves the line', async () => {
  type('hello');
  await send();
  expect(said).toEqual(['hello']);
  expect(input().value).toBe('');
});

test('what was refused stays, with the reason', async () => {
  answer = 'Too fast.';
  type('hello');
  await send();
  expect(input().value).toBe('hello');
  expect(document.querySelector('[role=alert]')!.textContent).toBe('Too fast.');
});

test('a text of the longest length is sent', async () => {
  type('x'.repeat(maxChatLength));
  expect(button().disabled).toBe(false);
  await send();
  expect(said).toHaveLength(1);
});

test('a longer one is kept whole, says by how much, and is not sent', async () => {
  type('x'.repeat(maxChatLength + 2));
  expect(button().disabled).toBe(true);
  expect(document.querySelector('.left')!.textContent).toBe('2 too many');
  await send();
  expect(said).toEqual([]);
  expect(input().value).toHaveLength(maxChatLength + 2);
});

test('who has just said something waits in slow mode, sees for how long, and loses nothing', async () => {
  await unmount(component);
  open(65);
  type('hello');
  expect(document.querySelector('.slow')!.textContent).toContain('30 s');
  expect(document.querySelector('time')!.textContent).toBe('1:05');
  expect(button().disabled).toBe(true);
  await send();
  expect(said).toEqual([]);
  expect(input().value).toBe('hello');
});
