package core

import (
	"context"
	"fmt"
	"strings"

	"roster"
)

// WhyPaused is the refusal of somebody who is paused, with the newest pause
// that stands: who, since when, and what they said.
func (a *App) WhyPaused(ctx context.Context, project, user int64) error {
	pauses, err := a.db.Pauses(ctx, project, user, false, "-id")
	if err != nil {
		return err
	}
	if len(pauses) == 0 { // lifted since: as it was when it was asked
		return errPaused
	}
	p := pauses[0]
	who, _ := roster.ActorFrom(ctx)
	p.PausedBy = Addressed(who, p.PausedBy)
	said := ""
	if p.Message != "" {
		said = fmt.Sprintf(" (“%s”)", firstWords(p.Message))
	}
	return roster.Error{Kind: roster.Forbidden, Detail: &p}.Says(
		"You are paused in this project: %s paused you on %s%s. Somebody above you who manages it can let you work "+
			"again. Nothing was done.",
		p.PausedBy.Name(), p.CreatedAt.UTC().Format("2 January 2006"), said)
}

// maxSaid is how much of a message a refusal repeats, in characters. The pause
// itself has all of it.
const maxSaid = 300

// firstWords is a text on one line, cut where it is long.
func firstWords(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= maxSaid {
		return string(line)
	}
	return string(line[:maxSaid]) + "…"
}
