// Builds the harness as the page is built and serves it on loopback.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const KINDS: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
}

/** Address of the harness's page; `close` takes the files away too. */
export async function serveHarness(): Promise<{ url: string; close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'asciline-render-'))
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'test/browser/render'),
    base: './',
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  const server = createServer(({ url = '/' }, response) => {
    const path = join(folder, normalize(url.split('?')[0]).replace(/^(\.\.[/\\])+/, ''))
    try {
      const file = path.endsWith('/') ? join(path, 'index.html') : path
      const bytes = readFileSync(file)
      response.setHeader('content-type', KINDS[extname(file)] ?? 'application/octet-stream')
      response.end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
