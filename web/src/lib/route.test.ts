// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';
import { parseRoute } from './route';
import { feedUrl, sitePath, webSocketUrl } from './site';

describe('addresses', () => {
  test('lead to pages', () => {
    expect(parseRoute('/', '/')).toEqual({ page: 'home' });
    expect(parseRoute('/robot/demo', '/')).toEqual({ page: 'robot', handle: 'demo' });
    expect(parseRoute('/robot/demo/', '/')).toEqual({ page: 'robot', handle: 'demo' });
    expect(parseRoute('/robot/demo/settings', '/')).toEqual({ page: 'settings', handle: 'demo' });
    expect(parseRoute('/robot/demo/moderation', '/')).toEqual({ page: 'moderation', handle: 'demo' });
    for (const page of ['sign-in', 'sign-up', 'account', 'help', 'admin'] as const) expect(parseRoute(`/${page}`, '/')).toEqual({ page });
    expect(parseRoute('/robot/caf%C3%A9', '/')).toEqual({ page: 'robot', handle: 'café' });
  });

  test('lead nowhere otherwise', () => {
    for (const path of ['/robot', '/robot/', '/robot/a/b', '/robot/a/settings/b', '/account/x', '/other', '/robot/%']) {
      expect(parseRoute(path, '/')).toEqual({ page: 'missing', path });
    }
  });

  test('work below a path prefix', () => {
    expect(parseRoute('/live', '/live/')).toEqual({ page: 'home' });
    expect(parseRoute('/live/robot/demo', '/live/')).toEqual({ page: 'robot', handle: 'demo' });
    expect(parseRoute('/robot/demo', '/live/').page).toBe('missing');
    expect(sitePath('api/v1/robots', 'https://a.example/live/')).toBe('/live/api/v1/robots');
    expect(webSocketUrl('relay/video/a/1', 'https://a.example/live/')).toBe('wss://a.example/live/relay/video/a/1');
    expect(webSocketUrl('relay/video/a/1', 'http://a.example/')).toBe('ws://a.example/relay/video/a/1');
  });

  test('of feeds name kind, handle and camera', () => {
    expect(new URL(feedUrl('audio', 'a b', 3)).pathname).toBe('/relay/audio/a%20b/3');
  });
});
