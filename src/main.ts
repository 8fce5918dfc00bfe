// `npm start`. What Node has compiled once it finds again at the next start, which is then a quarter shorter; a process that this one
// starts finds it too. That only works for modules that are loaded behind it.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '..', '.cache', 'compile')
enableCompileCache()
await import('./start.ts')
