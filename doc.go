// Package roster holds the nouns of Roster: who may work on which labeling
// project, who decided it, and when.
//
// The root imports the standard library only and knows neither SQL nor HTTP.
// Around it stand, each importing only what is to its right:
//
//	cmd/roster → internal/server → internal/lsapi, internal/auth → internal/app → internal/store → roster
//
// Package app holds the operations and the one policy, store the one
// translation of a selector into SQL, and lsapi the Label Studio wire.
package roster
