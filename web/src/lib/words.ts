/** The words of a text that people typed as a list: separated by blanks or commas. */
export function wordsOf(listed: string): string[] {
  return listed.split(/[\s,]+/).filter(Boolean);
}
