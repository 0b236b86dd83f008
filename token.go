package roster

import "time"

// PersonalToken is a personal access token. It is exchanged for access tokens,
// which live minutes.
type PersonalToken struct {
	Text      string // whole when it was just made; without its signature, and so of no use, in lists
	CreatedAt time.Time
	ExpiresAt time.Time
}

// TokenSettings is which tokens an organization takes.
type TokenSettings struct {
	Personal bool // personal access tokens, and what they are exchanged for
	Legacy   bool // legacy tokens
	TTLDays  int  // how long new personal access tokens live
}

// MaxTokenDays is the longest that a personal access token can live: 200 years.
const MaxTokenDays = 200 * 365

// UsualTokenSettings is what holds in an organization that chose nothing.
var UsualTokenSettings = TokenSettings{Personal: true, Legacy: true, TTLDays: MaxTokenDays}
