import { describe, expect, test } from 'vitest';
import { contrast, darker, inkOn, readableOn } from './colour';

describe('colours of names', () => {
  test('contrast is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  test('that can be read stay, others are lightened until they can', () => {
    expect(readableOn('#191b1e', '#7bd88f')).toBe('#7bd88f');
    for (const colour of ['#000000', '#0000ff', '#636363', '#400000']) {
      expect(contrast(readableOn('#191b1e', colour), '#191b1e')).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('are darkened on a light page', () => {
    for (const colour of ['#ffffff', '#ffff00', '#7bd88f']) {
      expect(contrast(readableOn('#fffdf7', colour), '#fffdf7')).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('what is written on a cap of any colour can be read', () => {
    for (const colour of ['#ffffff', '#000000', '#ff0000', '#0000ff', '#777777', '#c0a000']) {
      expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.2);
    }
    expect(darker('#ffffff', 0.5)).toBe('#808080');
  });
});
