// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Holds } from './holds';
import { bindKeyboard, bindLettingGo, keyLegends, keyMapOf, keyTokens, takesKeys } from './keyboard';
import type { ButtonPanel } from './robots';

const panels: ButtonPanel[] = [
  {
    button_panel_label: 'Drive',
    buttons: [
      { label: 'Forward', command: 'F', key: 'ArrowUp' },
      { label: 'Left', command: 'L', key: 'ArrowLeft' },
      { label: 'Honk', command: 'H', key: 'h' },
      { label: 'Wait', command: 'X', key: 'Space' },
    ],
  },
];

describe('keyMapOf', () => {
  test('arrows bring their letter of WASD along, by place', () => {
    const map = keyMapOf(panels);
    expect(map.get('arrowup')).toBe('F');
    expect(map.get('keyw')).toBe('F');
    expect(map.get('keya')).toBe('L');
    expect(map.has('keys')).toBe(false); // no button has ArrowDown
  });

  test('a letter that the owner gave to another button stays there', () => {
    const arm = { button_panel_label: 'Arm', buttons: [{ label: 'Wave', command: 'W', key: 'w' }] };
    const map = keyMapOf([...panels, arm]);
    expect(map.get('w')).toBe('W');
    expect(map.has('keyw')).toBe(false);
  });

  test('the first button that names a key has it', () => {
    const second = { button_panel_label: '', buttons: [{ label: 'Hop', command: 'HOP', key: 'H' }] };
    expect(keyMapOf([...panels, second]).get('h')).toBe('H');
  });

  test('legends show what is on the cap', () => {
    expect(keyLegends(keyMapOf(panels), 'F')).toEqual(['↑', 'W']);
    expect(keyLegends(keyMapOf(panels), 'H')).toEqual(['H']);
    expect(keyLegends(keyMapOf(panels), 'nothing')).toEqual([]);
  });

  test('a key is known by what it types and where it is', () => {
    expect(keyTokens({ key: 'Z', code: 'KeyY' })).toEqual(['z', 'keyy']);
    expect(keyTokens({ key: ' ', code: 'Space' })).toEqual(['space', 'space']);
  });
});

describe('driving by keyboard', () => {
  let sent: string[];
  let holds: Holds;
  let undo: (() => void)[];
  let mayDrive: boolean;

  const key = (type: 'keydown' | 'keyup', init: KeyboardEventInit, target: EventTarget = document.body) => {
    const event = new KeyboardEvent(type, { bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event;
  };
  const up = { key: 'ArrowUp', code: 'ArrowUp' };

  beforeEach(() => {
    sent = [];
    mayDrive = true;
    holds = new Holds({ send: (command, position) => sent.push(`${command} ${position}`) });
    undo = [bindKeyboard(holds, () => keyMapOf(panels), () => mayDrive), bindLettingGo(holds)];
  });

  afterEach(() => {
    holds.forget();
    for (const unbind of undo) unbind();
    document.body.replaceChildren();
  });

  test('a key holds its command from keydown to keyup, and its own repeat is ignored', () => {
    const pressed = key('keydown', up);
    key('keydown', { ...up, repeat: true });
    key('keyup', up);
    expect(sent).toEqual(['F down', 'F up']);
    expect(pressed.defaultPrevented).toBe(true); // the page does not scroll
  });

  test('a key that changes its letter while it is down still comes up', () => {
    key('keydown', { key: 'h', code: 'KeyH' });
    key('keyup', { key: 'H', code: 'KeyH', shiftKey: true });
    expect(sent).toEqual(['H down', 'H up']);
  });

  test('two keys of one command are one hold', () => {
    key('keydown', up);
    key('keydown', { key: 'w', code: 'KeyW' });
    key('keyup', up);
    expect(sent).toEqual(['F down']);
    key('keyup', { key: 'w', code: 'KeyW' });
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('nothing drives while text is typed', () => {
    for (const tag of ['input', 'textarea', 'select']) {
      const field = document.body.appendChild(document.createElement(tag));
      expect(key('keydown', { key: 'w', code: 'KeyW' }, field).defaultPrevented).toBe(false);
    }
    expect(sent).toEqual([]);
  });

  test('going into a text field lets everything go', () => {
    const field = document.body.appendChild(document.createElement('input'));
    key('keydown', up);
    field.focus();
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('shortcuts of the browser do not drive', () => {
    key('keydown', { key: 'h', code: 'KeyH', ctrlKey: true });
    key('keydown', { key: 'h', code: 'KeyH', altKey: true });
    expect(sent).toEqual([]);
  });

  test('the Meta key lets everything go, since no keyup follows under it', () => {
    key('keydown', up);
    key('keydown', { key: 'Meta', code: 'MetaLeft', metaKey: true });
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('Space on a button is for the button', () => {
    const button = document.body.appendChild(document.createElement('button'));
    key('keydown', { key: ' ', code: 'Space' }, button);
    expect(sent).toEqual([]);
    key('keydown', { key: ' ', code: 'Space' });
    expect(sent).toEqual(['X down']);
  });

  test('who may not drive presses nothing, and can still let go', () => {
    key('keydown', up);
    mayDrive = false;
    key('keydown', { key: 'h', code: 'KeyH' });
    key('keyup', up);
    expect(sent).toEqual(['F down', 'F up']);
  });

  test.each([
    ['the window loses the focus', () => window.dispatchEvent(new Event('blur'))],
    ['the page is left', () => window.dispatchEvent(new Event('pagehide'))],
    [
      'the tab is hidden',
      () => {
        Object.defineProperty(document, 'hidden', { value: true, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        Reflect.deleteProperty(document, 'hidden');
      },
    ],
  ])('everything is let go when %s', (_, happen) => {
    key('keydown', up);
    happen();
    expect(sent).toEqual(['F down', 'F up']);
  });

  test('after unbinding no key drives', () => {
    for (const unbind of undo) unbind();
    key('keydown', up);
    expect(sent).toEqual([]);
  });
});

test('editable elements take keys, others do not', () => {
  const editable = document.createElement('div');
  editable.setAttribute('contenteditable', 'true');
  expect(takesKeys(editable)).toBe(true);
  expect(takesKeys(document.createElement('button'))).toBe(false);
  expect(takesKeys(null)).toBe(false);
});
