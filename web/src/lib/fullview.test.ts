import { expect, test } from 'vitest';
import { parseFullView } from './fullview';

test('the address says which robot, and whether its sound is wanted', () => {
  expect(parseFullView('/fullview/rover', '/')).toEqual({ handle: 'rover', hasSound: false });
  expect(parseFullView('/site/fullview_audio/r%C3%B6ver/', '/site/')).toEqual({ handle: 'röver', hasSound: true });
});

test.each(['/', '/fullview', '/fullview/', '/fullview/a/b', '/robot/rover', '/fullview/%', '/elsewhere/fullview/rover'])('%s shows nothing', (path) => {
  expect(parseFullView(path, path.startsWith('/elsewhere') ? '/site/' : '/')).toBeNull();
});
