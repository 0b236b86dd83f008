package roster

import (
	"errors"
	"slices"
	"time"
)

// Pause keeps a member from working in a project while it lasts. It takes no
// access away: the person stays a member, and leaving lifts nothing.
type Pause struct {
	ID        int64
	ProjectID int64
	UserID    int64
	Reason    PauseReason
	Message   string // shown to the person; "" when none
	PausedBy  User
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time // zero while the pause stands
	DeletedBy int64     // who lifted it; 0 while it stands, and where the rules ended it
}

// PauseReason says why somebody is paused.
type PauseReason string

// The reasons (the wire's ReasonEnum). Somebody sets the first; the others are
// what a labeling server finds out by itself.
const (
	PauseManual     PauseReason = "MANUAL"
	PauseBehavior   PauseReason = "BEHAVIOR_BASED"
	PauseEvaluation PauseReason = "ANNOTATOR_EVALUATION"
	PauseLimit      PauseReason = "ANNOTATION_LIMIT"
	PauseScript     PauseReason = "CUSTOM_SCRIPT"
)

// PauseReasons lists every reason.
var PauseReasons = []PauseReason{PauseManual, PauseBehavior, PauseEvaluation, PauseLimit, PauseScript}

// Valid reports whether r is one of the reasons.
func (r PauseReason) Valid() bool { return slices.Contains(PauseReasons, r) }

// PausePatch changes a pause; nil leaves a field as it is.
type PausePatch struct {
	Reason  *PauseReason
	Message *string
}

// PauseIn is the pause by which somebody was refused; nil where something else
// is why.
func PauseIn(err error) *Pause {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return nil
	}
	pause, _ := e.Detail.(*Pause)
	return pause
}
