// Opens the demo, reads nothing, says ffmpeg's pid, and waits to be killed.

import { demoMedia, openMedia } from './gather.ts'

const { source } = await openMedia(demoMedia)
console.log(source.pid)
setInterval(() => {}, 1000)
