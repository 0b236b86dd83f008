package roster

import "time"

// MadeKind is a kind of thing that people make in the upstream of a gate, and
// that works on without them.
type MadeKind string

// The kinds of thing.
const (
	MadeWebhook MadeKind = "webhook"        // tells an address of everything that is done in a project
	MadeImport  MadeKind = "import_storage" // where tasks come from
	MadeExport  MadeKind = "export_storage" // where every annotation is written
	MadeModel   MadeKind = "model"          // a machine learning backend
	MadeTab     MadeKind = "tab"            // a saved view of the tasks; it does nothing by itself
)

// Made is something that somebody made in the upstream.
type Made struct {
	ID         int64
	ProjectID  int64
	Kind       MadeKind
	Type       string // of a storage: s3, gcs, azure, redis, localfiles
	UpstreamID int64
	Title      string
	Location   string // where it sends to or reads from; "" for a tab
	MakerID    int64  // who said last where that is, and so answers for it; 0: nobody knows
	MakerEmail string
	MadeAt     time.Time // when the gate first knew of it
	Works      bool      // whether the upstream had it at work when it was seen last
	Disabled   bool
	DisabledBy int64  // the operation that had it disabled; 0: somebody did by hand
	Last       Intent // what the upstream was told last; its zero value: nothing
}

// Switch is what can be done with it by hand: it is enabled where it is disabled.
func (m Made) Switch() MadeAction {
	if m.Disabled {
		return MadeEnable
	}
	return MadeDisable
}

// MadeAction is what the upstream is told about a thing.
type MadeAction string

// The actions.
const (
	MadeDisable MadeAction = "disable"
	MadeEnable  MadeAction = "enable"
	MadeKeep    MadeAction = "keep" // whoever unassigned its maker chose to leave it at work
)

// IntentState is how far the upstream is with an intent.
type IntentState string

// The states.
const (
	IntentPending    IntentState = "pending"    // to be tried, or tried in vain
	IntentDone       IntentState = "done"       // confirmed
	IntentGone       IntentState = "gone"       // the upstream has no such thing any more
	IntentSuperseded IntentState = "superseded" // a later intent says otherwise
	IntentKept       IntentState = "kept"       // there was nothing to do
)

// Intent is what the upstream is to be told about a thing, until it confirms.
type Intent struct {
	ID       int64
	Action   MadeAction
	State    IntentState
	Attempts int
	Error    string // why the last attempt was in vain; "" when it was not
}

// MadeOutcome is what became of the things of the people whom an operation was
// about.
type MadeOutcome struct {
	Things  []Made // each with the operation's intent as its last
	Pending int    // of them: how many the upstream has not confirmed yet
	Tabs    int    // saved tabs that stay
}

// Any reports whether there is anything to tell.
func (m MadeOutcome) Any() bool { return len(m.Things) > 0 || m.Tabs > 0 }
