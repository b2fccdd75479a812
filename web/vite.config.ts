import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { budget } from './budget';

/** The server that `npm run dev` passes API, socket and relay requests on to. */
const server = process.env['LIVEROBOT_SERVER'] ?? 'http://localhost:8080';
const passOn = { target: server, ws: true };

export default defineConfig({
  // Relative to <base href> in index.html, so that a front may serve the site below a path prefix.
  base: './',
  plugins: [svelte(), budget()],
  build: { rollupOptions: { input: ['index.html', 'fullview.html'] } },
  // Tests run the browser's half of Svelte.
  ...(process.env['VITEST'] ? { resolve: { conditions: ['browser'] } } : {}),
  server: {
    proxy: { '/api': passOn, '/control': passOn, '/chat': passOn, '/status': passOn, '/relay': passOn, '/slots': passOn, '/snapshot': passOn },
  },
  // Tests that need a page say so in their first line.
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
