// The seven bytes before every AAC frame of an ADTS stream (ISO/IEC 13818-7, 6.2).
//
//   byte 0    1         2          3          4         5         6
//   FFFFFFFF  FFFF v ll p  PP SSSS x CCC  CC xxxx LL  LLLLLLLL  LLL xxxxx  xxxxxx BB
//   F sync, v MPEG-2, l layer 0, p no CRC, P profile, S sampling index, C channels, L length with header, B blocks - 1

/** Length of the header without CRC, which is the only form ffmpeg writes. */
export const ADTS_HEADER_BYTES = 7

/** Samples per channel of one AAC-LC frame. */
export const SAMPLES_PER_FRAME = 1024

/** What the source always encodes to. */
export const SAMPLE_RATE = 48_000

const SAMPLING_INDEX_48000 = 3

/** Length in bytes, header included, of the frame that starts at `at`; undefined when no 48 kHz AAC-LC frame does. */
export function adtsFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < ADTS_HEADER_BYTES) return undefined
  if (bytes[at] !== 0xff || ((bytes[at + 1] as number) & 0xf6) !== 0xf0) return undefined
  const third = bytes[at + 2] as number
  if (third >> 6 !== 1 || ((third >> 2) & 15) !== SAMPLING_INDEX_48000) return undefined
  const length =
    (((bytes[at + 3] as number) & 3) << 11) |
    ((bytes[at + 4] as number) << 3) |
    ((bytes[at + 5] as number) >> 5)
  return length > ADTS_HEADER_BYTES ? length : undefined
}

/** Writes the header of a 48 kHz AAC-LC frame of `length` bytes (header included) to the start of `into`. */
export function writeAdtsHeader(
  into: Uint8Array,
  { length, channels }: { length: number; channels: number },
): void {
  into[0] = 0xff
  into[1] = 0xf1
  into[2] = (1 << 6) | (SAMPLING_INDEX_48000 << 2) | (channels >> 2)
  into[3] = ((channels & 3) << 6) | (length >> 11)
  into[4] = (length >> 3) & 0xff
  into[5] = ((length & 7) << 5) | 0x1f
  into[6] = 0xfc
}
