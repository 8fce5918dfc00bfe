// Loaded into a transport process before its own code: there werift says that it is of another version.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const read = fs.readFileSync
fs.readFileSync = ((path: unknown, ...rest: unknown[]) => {
  const text = (read as (...args: unknown[]) => unknown)(path, ...rest)
  return String(path).endsWith('/werift/package.json')
    ? String(text).replace(/"version": *"[^"]+"/, '"version": "9.9.9"')
    : text
}) as typeof fs.readFileSync
syncBuiltinESMExports()
