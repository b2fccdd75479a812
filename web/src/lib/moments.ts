/** A moment in ISO 8601 as people here write it, to the minute. */
export function inWords(moment: string): string {
  return new Date(moment).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
