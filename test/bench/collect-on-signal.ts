// Loaded into a server under test (`node --import`): SIGUSR2 collects all garbage, so that what its heap holds is what somebody keeps.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

process.on('SIGUSR2', () => {
  // What finalizers let go of in the first falls in the second.
  collect()
  setImmediate(collect)
})
