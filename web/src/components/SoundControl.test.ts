// @vitest-environment jsdom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rememberVolume } from '../lib/volume';
import SoundControl from './SoundControl.svelte';

/** What of WebAudio a player touches before sound comes. */
class SilentContext {
  readonly destination = {};
  createGain() {
    return { gain: { value: 0 }, connect: () => undefined };
  }
  resume() {
    return Promise.resolve();
  }
  close() {
    return Promise.resolve();
  }
}

let video: HTMLVideoElement;
let component: Record<string, unknown>;

const button = () => document.querySelector('button')!;

beforeEach(() => {
  vi.stubGlobal('AudioContext', SilentContext);
  rememberVolume(0.5);
  video = document.createElement('video');
  component = mount(SoundControl, { target: document.body, props: { url: null, video, paused: false } });
  flushSync();
});

afterEach(async () => {
  await unmount(component);
  vi.unstubAllGlobals();
});

test("the sound of the picture's own stream is off until a press, and off again after another", () => {
  expect(video.muted).toBe(true);

  button().click();
  flushSync();
  expect(video.muted).toBe(false);
  expect(video.volume).toBe(0.25);

  button().click();
  flushSync();
  expect(video.muted).toBe(true);
});

test('the slider sets how loud the picture is', () => {
  button().click();
  flushSync();

  const slider = document.querySelector('input')!;
  slider.value = '1';
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();

  expect(video.volume).toBe(1);
});

test('a control that is gone leaves the picture silent', async () => {
  button().click();
  flushSync();

  await unmount(component);
  component = mount(SoundControl, { target: document.body, props: { url: null, video: null, paused: false } });

  expect(video.muted).toBe(true);
});
