/**
 * What somebody changed of settings since they were read. Only that is to be saved: another page or a robot's client may
 * have changed the rest meanwhile.
 */
export function changesOf<T extends object>(read: T, wanted: T): Partial<T> {
  const keys = Object.keys(wanted) as (keyof T)[];
  return Object.fromEntries(keys.filter((key) => JSON.stringify(wanted[key]) !== JSON.stringify(read[key])).map((key) => [key, wanted[key]])) as Partial<T>;
}
