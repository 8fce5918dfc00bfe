// Where every probability starts: a trained table both sides share. Its version is the version of the wire.

import { CONTEXTS } from './contexts.ts'

export const START_TABLE: Uint16Array = new Uint16Array(CONTEXTS).fill(1024)
