// Bundles the page: one script and one style sheet that a car's browser of 2020 can read.

import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Turns `this.#name` into `this.$name`. Private methods came with Chrome 84, and what a bundler makes of them for older ones is
 * a WeakMap look-up per access: that costs the slice decoder several times its own work.
 */
function plainPrivateNames(): Plugin {
  return {
    name: 'plain-private-names',
    enforce: 'post',
    transform(code, id) {
      if (id.includes('node_modules') || !/\.ts$/.test(id)) return null
      const at: number[] = []
      visit(this.parse(code), (node) => {
        if (node.type === 'PrivateIdentifier' && typeof node.start === 'number') at.push(node.start)
      })
      if (at.length === 0) return null
      const characters = code.split('')
      for (const start of at) characters[start] = '$'
      // Same length, so every position stays where it was.
      return { code: characters.join(''), map: null }
    },
  }
}

type SyntaxNode = { type?: unknown; start?: unknown }

function visit(node: unknown, found: (node: SyntaxNode) => void): void {
  if (typeof node !== 'object' || node === null) return
  if ('type' in node) found(node)
  for (const child of Object.values(node)) visit(child, found)
}

export default defineConfig({
  root: folder('client/page'),
  plugins: [plainPrivateNames()],
  worker: { format: 'iife', plugins: () => [plainPrivateNames()] },
  build: {
    outDir: folder('client/dist'),
    emptyOutDir: true,
    target: 'chrome79',
    // One small file: nothing to preload.
    modulePreload: false,
    assetsInlineLimit: 0,
  },
})
