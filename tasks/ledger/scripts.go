package ledger

import (
	_ "embed" // The scripts.

	"github.com/redis/go-redis/v9"
)

// The scripts: each changes one record and its shard's indexes, in O(log n) of
// the shard's open or failed mail.
var (
	//go:embed shared.lua
	sharedSource string
	//go:embed reserve.lua
	reserveSource string
	//go:embed begin.lua
	beginSource string
	//go:embed finish.lua
	finishSource string
	//go:embed looked.lua
	lookedSource string
	//go:embed cancel.lua
	cancelSource string
	//go:embed reopen.lua
	reopenSource string
	//go:embed settle.lua
	settleSource string
	//go:embed keep.lua
	keepSource string
	//go:embed lose.lua
	loseSource string
	//go:embed open.lua
	openSource string
	//go:embed seen.lua
	seenSource string
	//go:embed tidy.lua
	tidySource string
	//go:embed ifsent.lua
	ifSentSource string

	reserveScript = redis.NewScript(sharedSource + reserveSource)
	beginScript   = redis.NewScript(sharedSource + beginSource)
	finishScript  = redis.NewScript(sharedSource + finishSource)
	lookedScript  = redis.NewScript(sharedSource + lookedSource)
	cancelScript  = redis.NewScript(sharedSource + cancelSource)
	reopenScript  = redis.NewScript(sharedSource + reopenSource)
	settleScript  = redis.NewScript(sharedSource + settleSource)
	keepScript    = redis.NewScript(sharedSource + keepSource)
	loseScript    = redis.NewScript(sharedSource + loseSource)
	openScript    = redis.NewScript(openSource)
	seenScript    = redis.NewScript(seenSource)
	tidyScript    = redis.NewScript(tidySource)
)
