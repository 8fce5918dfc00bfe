// YouTube's codecs can hold different edits of one video. A picture and a sound that are not equally long do not belong
// together, so another picture is looked for that is as long as the sound.

export type Format = {
  url: string
  vcodec?: string | null | undefined
  acodec?: string | null | undefined
  height?: number | null | undefined
  protocol?: string | null | undefined
  http_headers?: Record<string, string> | null | undefined
}

/** Containers round differently; edits differ by more. */
const EQUAL_SECONDS = 1

/** Seconds that a googlevideo address names as its own length; undefined for others. */
export function lengthOf({ url }: Format): number | undefined {
  const value = URL.parse(url)?.searchParams.get('dur') ?? /\/dur\/([\d.]+)\//.exec(url)?.[1]
  const seconds = Number(value ?? Number.NaN)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** The chosen pair, or one of the `formats` that is equally long: H.264 first, then the tallest up to `maxHeight`. */
export function equalPair(
  chosen: readonly [Format, Format],
  formats: readonly Format[],
  maxHeight: number,
): readonly [Format] | readonly [Format, Format] {
  const [video, audio] = chosen
  const wanted = lengthOf(audio)
  const fits = (one: Format) => {
    const length = lengthOf(one)
    return wanted === undefined || length === undefined || Math.abs(length - wanted) <= EQUAL_SECONDS
  }
  if (fits(video)) return chosen
  const better = formats
    .filter(
      (one) =>
        has(one.vcodec) &&
        lengthOf(one) !== undefined &&
        fits(one) &&
        (one.height ?? 0) <= maxHeight &&
        plain(one),
    )
    .sort((a, b) => Number(isH264(b)) - Number(isH264(a)) || (b.height ?? 0) - (a.height ?? 0))[0]
  if (better === undefined) return chosen
  return has(better.acodec) ? [better] : [better, audio]
}

const has = (codec: string | null | undefined) => codec !== undefined && codec !== null && codec !== 'none'
const isH264 = ({ vcodec }: Format) => /^(?:avc|h264)/.test(vcodec ?? '')
const plain = ({ protocol }: Format) => /^(?:https?|m3u8)/.test(protocol ?? 'https')
