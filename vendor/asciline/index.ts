export type { LocalTime, MediaTime } from './protocol/time.ts'
export { localTime, mediaTime } from './protocol/time.ts'
