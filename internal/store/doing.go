package store

import (
	"fmt"
	"runtime"
	"strings"
)

// exported is how the names of the store's methods begin, for runtime.
const exported = "roster/internal/store.(*DB)."

// aTime is from where on a number is a moment in microseconds, and no id.
const aTime = 1 << 48

// doing is which of the store's operations is at work, and with which ids, for an error that
// is logged: EndMemberships(7, 91). Texts may be secret, so they are left out. The call is
// found on the stack, so that no operation can forget to say its name.
func doing(args []any) string {
	var ids []string
	for _, arg := range args {
		switch arg := arg.(type) {
		case int64:
			if arg < aTime {
				ids = append(ids, fmt.Sprint(arg))
			}
		case int:
			ids = append(ids, fmt.Sprint(arg))
		}
	}
	return operation() + "(" + strings.Join(ids, ", ") + ")"
}

// operation is the innermost exported method at work, but for those by which others run.
func operation() string {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for {
		frame, more := frames.Next()
		name, ours := strings.CutPrefix(frame.Function, exported)
		name, _, _ = strings.Cut(name, ".") // of a function within a method
		switch name {
		case "", "Update", "View", "Stream":
		default:
			if ours && name[0] <= 'Z' {
				return name
			}
		}
		if !more {
			return "store"
		}
	}
}
