// The page: the screen that shows the picture, or, asked for by `?remote`, the remote control of one.

import { openPlayerPage } from './player-page.ts'
import { openRemotePage } from './remote/remote-page.ts'

if (new URLSearchParams(location.search).has('remote')) openRemotePage()
else openPlayerPage()
