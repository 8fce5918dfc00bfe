// What ffprobe found out about a programme before ffmpeg opens it.

/** Sizes are those of the picture as shown: rotation and sample aspect ratio applied. */
export type MediaInfo = {
  /** Seconds; absent when live or unknown. */
  duration?: number
  live: boolean
  /** It is a list of segments, which may go back some way. */
  hls?: true
  hasVideo: boolean
  hasAudio: boolean
  /** Square pixels; 0 without a picture. */
  width: number
  height: number
  /** Sound with a picture attached to it. */
  coverArt: boolean
  /** Frames per second of the source; 0 when unknown. */
  frameRate: number
  /** High definition without a colour tag: its matrix is BT.709, which ffmpeg would not guess. */
  untaggedHd: boolean
  /** Which streams of their inputs to take: ffmpeg's stream indexes. */
  videoStream?: number
  audioStream?: number
}
