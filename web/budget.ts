import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What a visitor's first page may cost, whichever it is: its script and all that it imports at once, compressed, in bytes. */
export const firstLoadBytes = 150_000;

/** Fails the build when the first page costs more. Players and pages that are fetched later do not count. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const count = (name: string, counted: Set<string>): number => {
        const chunk = bundle[name];
        if (chunk?.type !== 'chunk' || counted.has(name)) return 0;
        counted.add(name);
        return chunk.imports.reduce((sum, imported) => sum + count(imported, counted), gzipSync(chunk.code).length);
      };
      const bytes = Math.max(...Object.values(bundle).map((file) => (file.type === 'chunk' && file.isEntry ? count(file.fileName, new Set()) : 0)));
      if (bytes > firstLoadBytes) this.error(`The first page costs ${bytes} bytes of compressed script, and may cost ${firstLoadBytes}.`);
    },
  };
}
