package cluster_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// membership is what one may believe of one person in one project: it is a register that is
// in or out, everybody sees the same, and a change is seen by whoever asks after its answer.
// A change of which nobody could tell happened at some time after it was sent, or never.
var membership = (&porcupine.NondeterministicModel{
	Init: func() []any { return []any{true} },
	Step: func(state, input, _ any) []any { return input.(event).next(state.(bool)) },
	DescribeOperation: func(input, _ any) string {
		e := input.(event)
		return fmt.Sprintf("%s: %v %v", e.server, e.action, e.told)
	},
}).ToModel()

// next is what may be so after e where in was so before; nothing: e cannot have been told.
func (e event) next(in bool) []any {
	becomes := e.action == assign || e.action == undo
	asks := e.action == decide || e.action == list
	switch {
	case e.told == unknown && in == becomes:
		return []any{in}
	case e.told == unknown:
		return []any{in, becomes}
	case asks && in == (e.told == done):
		return []any{in}
	case asks:
		return nil
	case e.told == done && in != becomes:
		return []any{becomes}
	case e.told == nothing && (in == becomes || e.action == undo):
		return []any{in}
	}
	return nil
}

func (a action) String() string {
	return [...]string{"assign", "unassign", "unassign by a plan", "undo", "decide", "list"}[a]
}

func (t told) String() string { return [...]string{"done or yes", "nothing or no", "unknown"}[t] }

// judge returns the members whose history nobody can explain.
func judge(t *testing.T, history []event) (wrong []member) {
	t.Helper()
	of := map[member][]porcupine.Operation{}
	for i, e := range history {
		end := int64(e.to)
		if e.told == unknown {
			end = math.MaxInt64
		}
		of[e.member] = append(of[e.member], porcupine.Operation{
			ClientId: i, Input: e, Call: int64(e.from), Output: e.told, Return: end})
	}
	for m, ops := range of {
		switch porcupine.CheckOperationsTimeout(membership, ops, time.Minute) {
		case porcupine.Illegal:
			wrong = append(wrong, m)
		case porcupine.Unknown:
			t.Errorf("the history of %v is too long to judge: %d calls", m, len(ops))
		}
	}
	return wrong
}

// TestJudge: the checker accepts what can be, and rejects what cannot.
func TestJudge(t *testing.T) {
	m := member{1, 1}
	at := func(a action, said told, from, to int) event {
		return event{member: m, action: a, told: said, from: time.Duration(from), to: time.Duration(to)}
	}
	for name, c := range map[string]struct {
		history []event
		right   bool
	}{
		"removed and seen out":              {[]event{at(unassign, done, 1, 2), at(decide, nothing, 3, 4)}, true},
		"let in after the removal's answer": {[]event{at(unassign, done, 1, 2), at(decide, done, 3, 4)}, false},
		"let in while it was under way":     {[]event{at(unassign, done, 1, 4), at(decide, done, 2, 5)}, true},
		"out, and in again, by itself": {[]event{at(unassign, done, 1, 8), at(decide, nothing, 2, 3),
			at(decide, done, 4, 5)}, false},
		"an unknown that happened late": {[]event{at(unassign, unknown, 1, 2), at(decide, done, 3, 4),
			at(decide, nothing, 5, 6)}, true},
		"an unknown that never did":     {[]event{at(unassign, unknown, 1, 2), at(decide, done, 3, 4)}, true},
		"an unknown before it was sent": {[]event{at(decide, nothing, 1, 2), at(unassign, unknown, 3, 4)}, false},
		"done twice":                    {[]event{at(unassign, done, 1, 2), at(planned, done, 3, 4)}, false},
		"lost":                          {[]event{at(unassign, done, 1, 2), at(list, done, 3, 4)}, false},
		"nothing to do, and there was":  {[]event{at(unassign, nothing, 1, 2)}, false},
		"taken back": {
			[]event{at(unassign, done, 1, 2), at(undo, done, 3, 4), at(list, done, 5, 6)}, true},
		"taken back, and nobody noticed": {
			[]event{at(unassign, done, 1, 2), at(undo, done, 3, 4), at(list, nothing, 5, 6)}, false},
		"two removals at once, and both done": {[]event{at(unassign, done, 1, 5), at(unassign, done, 2, 6)}, false},
	} {
		if wrong := judge(t, c.history); (len(wrong) == 0) != c.right {
			t.Errorf("%s: right is %v", name, len(wrong) == 0)
		}
	}
}
