import { describe, expect, test } from 'vitest';
import { layoutOf } from './layout';

describe('a panel', () => {
  const button = (command: string) => ({ label: command, command });

  test('with four directions has them as a cross, and the rest in order', () => {
    const layout = layoutOf({ button_panel_label: '', buttons: ['U', 'F', 'B', 'L', 'R', 'D'].map(button) });
    expect(layout.cross?.forward.command).toBe('F');
    expect(layout.cross?.right.command).toBe('R');
    expect(layout.rest.map((rest) => rest.command)).toEqual(['U', 'D']);
  });

  test('with three stays a row', () => {
    const layout = layoutOf({ button_panel_label: '', buttons: ['F', 'L', 'R'].map(button) });
    expect(layout).toEqual({ cross: null, rest: ['F', 'L', 'R'].map(button) });
  });
});
